"""Runs one exported artefact in a process of its own: `python runner.py job.json`.

The job names the runtime (openvino, tflite, pytorch), the artefact, the size of its square input and the threads. The
first line on stdout says `ready`; then every line on stdin asks for one answer: planes of float32 are read from the job's
input file, the output is written to its output file, and a line says its shape. A failure ends with an `error` line that
names its kind, and exit code 1.
"""

import json
import os
import sys
import traceback
import zipfile
from importlib import import_module
from pathlib import Path


class RunError(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def first_importable(*names):
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            # A module that is there and lacks one of its own is broken, not absent.
            if error.name not in (name, name.split(".")[0]):
                raise
    raise RunError("missing-tool", names[0].split(".")[0])


def load_openvino(job):
    openvino = first_importable("openvino")
    core = openvino.Core()
    # Where the processor can, OpenVINO rounds to bfloat16 unasked: the same file would differ from machine to machine.
    settings = {"INFERENCE_NUM_THREADS": job["threads"], "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    model = core.compile_model(core.read_model(job["artifact"]), "CPU", settings)
    check_input(list(model.input(0).partial_shape.to_shape()), job)
    request = model.create_infer_request()
    return (lambda planes: request.infer({0: planes})[model.output(0)]), {}, openvino.__version__


def load_tflite(job):
    module = first_importable("ai_edge_litert.interpreter", "tflite_runtime.interpreter", "tensorflow")
    interpreter_of = module.lite.Interpreter if module.__name__ == "tensorflow" else module.Interpreter
    interpreter = interpreter_of(model_path=job["artifact"], num_threads=job["threads"])
    interpreter.allocate_tensors()
    (taken, *_), (given, *_) = interpreter.get_input_details(), interpreter.get_output_details()
    shape = [int(side) for side in taken["shape"]]
    channels_last = shape[-1] == 3
    check_input([shape[0], shape[3], shape[1], shape[2]] if channels_last and len(shape) == 4 else shape, job)
    facts = facts_of_tflite(job["artifact"])
    side = job["imageSize"]

    def run(planes):
        picture = planes.transpose(0, 2, 3, 1) if channels_last else planes
        interpreter.set_tensor(taken["index"], quantized(picture, taken))
        interpreter.invoke()
        output = restored(interpreter.get_tensor(given["index"]), given)
        # The exporter divides boxes by the picture's side, so that eight bits suffice; end to end only in its older form.
        if facts and output.ndim == 3:
            if not facts.get("end2end"):
                output[:, :4] *= side
            elif channels_last:
                output[:, :, :4] *= side
        return output

    return run, facts, module.__name__.split(".")[0]


def quantized(picture, detail):
    import numpy

    kind = numpy.dtype(detail["dtype"])
    if kind.kind == "f":
        return numpy.ascontiguousarray(picture, dtype=kind)
    scale, zero = detail["quantization"]
    limits = numpy.iinfo(kind)
    return numpy.clip(numpy.round(picture / scale) + zero, limits.min, limits.max).astype(kind)


def restored(output, detail):
    import numpy

    if numpy.dtype(detail["dtype"]).kind == "f":
        return output.astype(numpy.float32)
    scale, zero = detail["quantization"]
    return (output.astype(numpy.float32) - zero) * scale


def facts_of_tflite(path):
    """What the exporter appended as a zip entry; empty for a file of somebody else."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        if "metadata.json" not in archive.namelist():
            return {}
        return json.loads(archive.read("metadata.json"))


def load_pytorch(job):
    # The library writes settings when it is first imported; here they go with the process.
    os.environ.update(YOLO_CONFIG_DIR=os.getcwd(), MPLCONFIGDIR=os.getcwd())
    torch = first_importable("torch")
    first_importable("ultralytics")
    torch.set_num_threads(job["threads"])
    # Runs whatever the pickle says: only weights of our own runs may come here.
    checkpoint = torch.load(job["artifact"], map_location="cpu", weights_only=False)
    model = (checkpoint.get("ema") or checkpoint["model"]).float().eval()
    facts = {"names": dict(model.names), "end2end": bool(getattr(model.model[-1], "end2end", False))}

    def run(planes):
        with torch.no_grad():
            said = model(torch.from_numpy(planes))
        return (said[0] if isinstance(said, (tuple, list)) else said).numpy()

    return run, facts, torch.__version__


def check_input(shape, job):
    wanted = [1, 3, job["imageSize"], job["imageSize"]]
    if shape != wanted:
        raise RunError("bad-model", f"the input is {shape}, and pictures come as {wanted}")


loaders = {"openvino": load_openvino, "tflite": load_tflite, "pytorch": load_pytorch}


def kind_of(error):
    if isinstance(error, RunError):
        return error.kind
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return "out-of-memory"
    return "bad-model"


def serve(job, say):
    run, facts, version = loaders[job["runtime"]](job)
    import numpy

    names = facts.get("names")
    if isinstance(names, dict):
        names = [str(names[key]) for key in sorted(names, key=int)]
    say(event="ready", version=str(version), names=names, endToEnd=facts.get("end2end"))
    side = job["imageSize"]
    for _ in sys.stdin:
        planes = numpy.fromfile(job["input"], dtype=numpy.float32).reshape(1, 3, side, side)
        output = numpy.ascontiguousarray(run(planes), dtype=numpy.float32)
        output.tofile(job["output"])
        say(event="output", dims=list(output.shape))


def main(job_file):
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    # What a runtime prints is no answer of ours.
    os.dup2(2, 1)
    try:
        job = json.loads(Path(job_file).read_text(encoding="utf-8"))
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(job["threads"])
        serve(job, lambda **event: print(json.dumps(event), file=lines, flush=True))
        return 0
    except Exception as error:
        traceback.print_exception(error)
        message = str(error).strip().split("\n")[-1] or type(error).__name__
        print(json.dumps({"event": "error", "kind": kind_of(error), "message": message}), file=lines, flush=True)
        return 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: runner.py JOB.json")
    sys.exit(main(sys.argv[1]))

"""Weights to ONNX: FP32, FP16 and static INT8, with the metadata that servers read kept in each file; and to further formats
where their tools are installed."""

import importlib.util
import os
import re
import shutil
import time
from pathlib import Path

from driver import JobError
from offline import import_ultralytics

# Understood by every runtime in use, TensorRT 8.6 and newer included.
OPSET = 17


# Formats that Ultralytics makes with tools that set-up does not bring.
FURTHER = {
    "openvino": {"format": "openvino", "ending": "_openvino_model", "needs": [("openvino", "openvino")]},
    "tflite": {
        "format": "litert",
        "ending": ".tflite",
        "needs": [("litert_torch", "litert-torch"), ("ai_edge_litert", "ai-edge-litert")],
    },
    "engine": {"format": "engine", "ending": ".engine", "needs": [("tensorrt", "tensorrt")]},
}


def export(job, say):
    output, work = Path(job["output"]), Path(job["work"])
    weights = Path(job["weights"])
    if not weights.is_file():
        raise JobError("missing-file", f"the weights {weights} are not there")
    for image in job["calibration"]:
        if not Path(image).is_file():
            raise JobError("missing-image", f"{image} is not there")
    ultralytics = import_ultralytics(job["threads"])
    # The exporter writes beside the weights, so it gets a copy of them.
    copy = work / "model.pt"
    shutil.copyfile(weights, copy)
    results, total = [], len(job["formats"])
    started = time.monotonic()
    further = [name for name in job["formats"] if name in FURTHER]
    for index, name in enumerate(further):
        missing = missing_tool(name)
        path = "" if missing else export_further(name, ultralytics, copy, output / weights.stem, job)
        results.append({"format": name, "path": path, "seconds": round(time.monotonic() - started, 3)})
        if missing:
            results[-1]["missing"] = missing
        say(event="export", done=index + 1, total=total, format=name)
        started = time.monotonic()
    if len(further) == total:
        return {"artifacts": results, "version": ultralytics.__version__}
    source = Path(
        ultralytics.YOLO(str(copy), task="detect").export(
            format="onnx", imgsz=job["imageSize"], opset=job.get("opset", OPSET), simplify=True, dynamic=False, batch=1,
            device="cpu", verbose=False,
        )  # fmt: skip
    )
    base = load_without_date(source)
    for index, name in enumerate(name for name in job["formats"] if name not in FURTHER):
        model = build(name, base, source, work, job)
        target = output / f"{weights.stem}{name.removeprefix('onnx').replace('-', '.', 1)}.onnx"
        part = target.with_name(f"{target.name}.part")
        part.write_bytes(model.SerializeToString(deterministic=True))
        os.replace(part, target)
        results.append({"format": name, "path": str(target), "seconds": round(time.monotonic() - started, 3)})
        say(event="export", done=len(further) + index + 1, total=total, format=name)
        started = time.monotonic()
    return {"artifacts": results, "version": ultralytics.__version__}


def missing_tool(name):
    """What to install for a format, or None; asked before, since the exporter would install it itself or fail late."""
    if name == "engine":
        import torch

        if not torch.cuda.is_available():
            return "a machine with an NVIDIA GPU, and the Python package tensorrt"
    absent = [package for module, package in FURTHER[name]["needs"] if importlib.util.find_spec(module) is None]
    return f"the Python package {' and '.join(absent)}" if absent else None


def export_further(name, ultralytics, copy, target, job):
    """An artefact as Ultralytics exports it, moved to its place; the path of what is run."""
    device = 0 if name == "engine" else "cpu"
    made = ultralytics.YOLO(str(copy), task="detect").export(
        format=FURTHER[name]["format"], imgsz=job["imageSize"], dynamic=False, batch=1, device=device, verbose=False
    )
    place = Path(f"{target}{FURTHER[name]['ending']}")
    if place.is_dir():
        shutil.rmtree(place)
    shutil.move(made, place)
    return str(place)


def load_without_date(path):
    """The exported model without its date and its description, which names a folder of this machine: the same weights
    give the same bytes."""
    import onnx

    model = onnx.load(path)
    kept = [(entry.key, entry.value) for entry in model.metadata_props if entry.key not in ("date", "description")]
    set_metadata(model, kept)
    return model


def set_metadata(model, pairs):
    import onnx

    del model.metadata_props[:]
    onnx.helper.set_model_props(model, dict(pairs))


def build(name, base, source, work, job):
    if name == "onnx":
        return base
    if name == "onnx-fp16":
        import onnx
        from onnxruntime.transformers.float16 import convert_float_to_float16

        copy = onnx.ModelProto()
        copy.CopyFrom(base)
        model = convert_float_to_float16(copy, keep_io_types=True)
    elif name in ("onnx-int8", "onnx-int8-all"):
        model = quantize(source, work, job, keep_tail=name == "onnx-int8")
    else:
        raise JobError("bad-job", f"there is no format {name!r}")
    kept = [(entry.key, entry.value) for entry in base.metadata_props]
    # An artefact is not the same artefact with another calibration set, so its file names it.
    calibrated = name.startswith("onnx-int8") and job.get("calibrationDigest")
    set_metadata(model, [*kept, ("calibration", calibrated)] if calibrated else kept)
    return model


def quantize(source, work, job, keep_tail):
    """Static QDQ, per channel, min-max, U8 activations and S8 weights."""
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quant_pre_process, quantize_static

    if not job["calibration"]:
        raise JobError("bad-job", "INT8 needs images to calibrate with")
    prepared = work / "prepared.onnx"
    if not prepared.exists():
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=False)
    target = work / "quantized.onnx"
    quantize_static(
        str(prepared), str(target), calibration_reader(job), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
        nodes_to_exclude=tail_of(onnx.load(prepared)) if keep_tail else [],
    )  # fmt: skip
    return onnx.load(target)


def tail_of(model):
    """Nodes of the detection head behind its convolutions: box pixels and 0-1 scores meet there in one tensor, and one
    scale for both destroys the scores. The head is the last module of the graph; cv2 and cv3 are its convolutions."""
    indexed = [(node.name, re.search(r"/model\.(\d+)/", node.name)) for node in model.graph.node]
    last = max((int(found[1]) for _, found in indexed if found), default=-1)
    names = [name for name, found in indexed if found and int(found[1]) == last]
    tail = [name for name in names if not re.search(r"/(?:one2one_)?cv[23]\.", name)]
    if not tail or len(tail) == len(names):
        raise JobError("bad-job", "no detection head was found in the graph, so that its tail cannot be left out")
    return tail


def calibration_reader(job):
    import cv2
    import numpy
    from onnxruntime.quantization import CalibrationDataReader
    from ultralytics.data.augment import LetterBox

    fit = LetterBox(new_shape=(job["imageSize"], job["imageSize"]), auto=False)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.images = iter(job["calibration"])

        def get_next(self):
            path = next(self.images, None)
            if path is None:
                return None
            picture = cv2.imread(path)
            if picture is None:
                raise JobError("missing-image", f"{path} is not a picture that can be read")
            upright = fit(image=picture)[:, :, ::-1].transpose(2, 0, 1)[None]
            return {"images": numpy.ascontiguousarray(upright, dtype=numpy.float32) / 255}

    return Reader()

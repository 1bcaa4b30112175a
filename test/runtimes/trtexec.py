"""A program that behaves as trtexec does for what is asked of it here: `trtexec.py FLAGS`, run under the name trtexec.

A plan is the line PLAN and JSON that names an ONNX file and, where one is scripted, a fault; ONNX Runtime computes what the
engine would. FAKE_TRT_MAJOR=11 knows no precision flags.
"""
import json
import os
import sys
from pathlib import Path

MAJOR = int(os.environ.get("FAKE_TRT_MAJOR", "10"))
FAULTS = {
    "version": "[E] Error[1]: IRuntime::deserializeCudaEngine: Error Code 1: Serialization (Serialization assertion "
    "stdVersionRead == kSERIALIZATION_VERSION failed.Version tag does not match. Note: Current Version: 239, Serialized "
    "Engine Version: 232)",
    "device": "[E] Error[6]: The engine plan file is generated on an incompatible device, expecting compute 9.0 got compute "
    "8.6, please rebuild.",
    "memory": "[E] Error[2]: [defaultAllocator.cpp::allocate::48] Error Code 2: OutOfMemory (Requested size was 9126805504 "
    "bytes.)",
}


def end(passed, *lines):
    for line in lines:
        print(f"[11/29/2026-06:00:00] {line}")
    word = "PASSED" if passed else "FAILED"
    print(f"&&&& {word} TensorRT.trtexec [TensorRT v{MAJOR}0300] # trtexec {' '.join(sys.argv[1:])}")
    sys.exit(0 if passed else 1)


def run(flags):
    path = Path(flags["--loadEngine"])
    if not path.is_file():
        end(False, f"[E] Error opening engine file: {path}")
    head, _, rest = path.read_bytes().partition(b"\n")
    if head != b"PLAN":
        # What a file with the exporter's prefix gives.
        end(False, "[E] Error[1]: Error Code 1: Serialization (Serialization assertion magicTagRead == kMAGIC_TAG failed.)")
    plan = json.loads(rest)
    if plan.get("fault") in FAULTS:
        end(False, FAULTS[plan["fault"]], "[E] Engine deserialization failed")
    import numpy
    import onnxruntime

    name, _, file = flags["--loadInputs"].partition(":")
    session = onnxruntime.InferenceSession(plan["onnx"], providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    values = numpy.fromfile(file, dtype=numpy.float32)
    if name != taken.name or values.size != numpy.prod(taken.shape):
        end(False, f"[E] Input tensor {name} does not fit")
    (output,) = session.run(None, {name: values.reshape(taken.shape)})
    numbers = ", ".join("nan" if plan.get("fault") == "nan" else repr(float(v)) for v in output.ravel())
    if plan.get("fault") != "silent":
        shape = "x".join(str(side) for side in output.shape)
        text = f'[\n  {{ "name" : "output0"\n  , "dimensions" : "{shape}"\n  , "values" : [ {numbers} ]\n  }}\n]\n'
        Path(flags["--exportOutput"]).write_text(text)
    end(True, "[I] Throughput: 812.3 qps")


flags = dict((word.partition("=")[0], word.partition("=")[2]) for word in sys.argv[1:])
unknown = [flag for flag in flags if MAJOR >= 11 and flag in ("--fp16", "--int8")]
if unknown:
    end(False, f"[E] Unknown option: {unknown[0]}")
if "--onnx" in flags:
    if not Path(flags["--onnx"]).is_file():
        end(False, f"[E] Could not open file {flags['--onnx']}", "[E] Failed to parse onnx file")
    Path(flags["--saveEngine"]).write_bytes(b"PLAN\n" + json.dumps({"onnx": flags["--onnx"]}).encode())
    end(True, "[I] Engine built in 1.0 sec.", "[I] Skipped inference phase since --skipInference is added.")
run(flags)

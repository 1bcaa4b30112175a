"""Makes artefacts of the tiny detector: `tiny-artifacts.py champion.onnx FOLDER`.

OpenVINO's own converter makes the first; the .tflite is written operator by operator, channels last, as a network of its
own with the same weights; other.tflite has a lower bar.
"""
import json
import sys
import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
import openvino as ov
from ai_edge_litert import schema_py_generated as schema

SIZE, STRIDE = 64, 8
GRID = SIZE // STRIDE
source, folder = Path(sys.argv[1]), Path(sys.argv[2])
NAMES = {"0": "red", "1": "blue"}


def openvino_model(target):
    target.mkdir(parents=True)
    ov.save_model(ov.convert_model(str(source)), target / "tiny.xml", compress_to_fp16=False)
    (target / "metadata.yaml").write_text("names:\n  0: red\n  1: blue\nend2end: false\n")


def tflite(path, bar, normalised=False):
    model = schema.ModelT()
    model.version, model.buffers, model.operatorCodes = 3, [schema.BufferT()], []
    graph = schema.SubGraphT()
    graph.tensors, graph.operators = [], []

    def tensor(name, shape, values=None, kind=schema.TensorType.FLOAT32):
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = name, list(shape), kind, 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), dtype=np.uint8)
            model.buffers.append(buffer)
            made.buffer = len(model.buffers) - 1
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    def node(name, inputs, output, options=None):
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), 1
        model.operatorCodes.append(code)
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = len(model.operatorCodes) - 1, inputs, [output]
        if options:
            kind = type(options).__name__.removesuffix("T")
            made.builtinOptionsType, made.builtinOptions = getattr(schema.BuiltinOptions, kind), options
        graph.operators.append(made)
        return output

    images = tensor("images", [1, SIZE, SIZE, 3])
    pool = schema.Pool2DOptionsT()
    pool.padding = schema.Padding.VALID
    pool.filterHeight = pool.filterWidth = pool.strideH = pool.strideW = STRIDE
    cells = node("AVERAGE_POOL_2D", [images], tensor("cells", [1, GRID, GRID, 3]), pool)
    weights = np.array([[20, 0, -20], [-20, 0, 20]], np.float32).reshape(2, 1, 1, 3)
    w, b = tensor("w", weights.shape, weights), tensor("b", [2], np.array([-20 * bar] * 2, np.float32))
    conv = schema.Conv2DOptionsT()
    conv.padding, conv.strideH, conv.strideW = schema.Padding.VALID, 1, 1
    conv.dilationHFactor = conv.dilationWFactor = 1
    logits = node("CONV_2D", [cells, w, b], tensor("logits", [1, GRID, GRID, 2]), conv)
    flat = tensor("flat", [1, GRID * GRID, 2])
    shape = np.array([1, GRID * GRID, 2], np.int32)
    node("RESHAPE", [logits, tensor("shape", [3], shape, schema.TensorType.INT32)], flat, schema.ReshapeOptionsT())
    turned = tensor("turned", [1, 2, GRID * GRID])
    order = tensor("order", [3], np.array([0, 2, 1], np.int32), schema.TensorType.INT32)
    node("TRANSPOSE", [flat, order], turned, schema.TransposeOptionsT())
    scores = node("LOGISTIC", [turned], tensor("scores", [1, 2, GRID * GRID]))
    cx, cy = np.meshgrid((np.arange(GRID) + 0.5) * STRIDE, (np.arange(GRID) + 0.5) * STRIDE)
    side = np.full(GRID * GRID, STRIDE)
    boxes = np.stack([cx.ravel(), cy.ravel(), side, side])[None].astype(np.float32) / (SIZE if normalised else 1)
    joined = schema.ConcatenationOptionsT()
    joined.axis = 1
    output = tensor("output0", [1, 6, GRID * GRID])
    node("CONCATENATION", [tensor("boxes", boxes.shape, boxes), scores], output, joined)
    graph.inputs, graph.outputs = [images], [output]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    if normalised:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("metadata.json", json.dumps({"names": NAMES, "end2end": False, "task": "detect"}))


folder.mkdir(parents=True, exist_ok=True)
openvino_model(folder / "tiny_openvino_model")
tflite(folder / "plain.tflite", 0.4)
tflite(folder / "exported.tflite", 0.4, normalised=True)
tflite(folder / "other.tflite", 0.1)

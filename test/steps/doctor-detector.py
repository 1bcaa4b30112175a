"""Writes model.onnx, a colour detector (1x3x64x64 -> 1x6x128) that every fault of serving hurts.

Class 0 is a red cell of 8x8 pixels, class 1 a blue one; boxes are 12 pixels wide, so that those of neighbours overlap. Each
cell has a second box half a pixel beside the first, which only suppression removes. A cell that lies near anything but
grey of 114 on average is not seen: black around the picture hides the cells at its edge.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE, STRIDE, SIDE = 64, 8, 12
GRID = SIZE // STRIDE
CELLS = GRID * GRID


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype=kind), name)


centres = (np.arange(GRID) + 0.5) * STRIDE
cx, cy = np.meshgrid(centres, centres)
side = np.full(CELLS, SIDE, dtype=np.float32)
first = np.stack([cx.ravel(), cy.ravel(), side, side])
second = first + np.array([[0.5], [0], [0], [0]])
boxes = np.concatenate([first, second], axis=1)[None]
nodes = [
    helper.make_node('AveragePool', ['images'], ['cells'], kernel_shape=[STRIDE, STRIDE], strides=[STRIDE, STRIDE]),
    helper.make_node('Conv', ['cells', 'w', 'b'], ['colour']),
    helper.make_node('AveragePool', ['cells'], ['around'], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    helper.make_node('ReduceMean', ['around'], ['light'], axes=[1]),
    helper.make_node('Sub', ['light', 'grey'], ['off']),
    helper.make_node('Abs', ['off'], ['far']),
    helper.make_node('Mul', ['far', 'much'], ['cost']),
    helper.make_node('Sub', ['colour', 'cost'], ['logits']),
    helper.make_node('Reshape', ['logits', 'shape'], ['flat']),
    helper.make_node('Sigmoid', ['flat'], ['sure']),
    helper.make_node('Mul', ['sure', 'less'], ['less sure']),
    helper.make_node('Concat', ['sure', 'less sure'], ['scores'], axis=2),
    helper.make_node('Concat', ['boxes', 'scores'], ['output0'], axis=1),
]
weights = np.array([[20, 0, -20], [-20, 0, 20]], dtype=np.float32).reshape(2, 3, 1, 1)
graph = helper.make_graph(
    nodes,
    'cells',
    [helper.make_tensor_value_info('images', TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
    [helper.make_tensor_value_info('output0', TensorProto.FLOAT, [1, 6, 2 * CELLS])],
    [
        constant('boxes', boxes),
        constant('w', weights),
        constant('b', [-8, -8]),
        constant('grey', 114 / 255),
        constant('much', 120),
        constant('less', 0.98),
        constant('shape', [1, 2, CELLS], np.int64),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
for key, value in {'names': "{0: 'red', 1: 'blue'}", 'stride': '8', 'imgsz': '[64, 64]', 'args': "{'nms': False}"}.items():
    model.metadata_props.append(onnx.StringStringEntryProto(key=key, value=value))
onnx.checker.check_model(model)
onnx.save(model, Path(sys.argv[1]))

"""Writes tiny colour detectors (1x3x64x64 -> 1x6x64): class 0 is a red cell of 8x8 pixels, class 1 a blue one.

champion.onnx sees strong colours; eager.onnx faint ones too; slow.onnx is the champion after useless convolutions;
nan.onnx answers numbers that are not finite.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE, STRIDE = 64, 8
GRID = SIZE // STRIDE


def constant(name, values):
    return numpy_helper.from_array(np.asarray(values, dtype=np.float32), name)


def detector(path, bar, slow=0, poison=False):
    centres = (np.arange(GRID) + 0.5) * STRIDE
    cx, cy = np.meshgrid(centres, centres)
    side = np.full(GRID * GRID, STRIDE, dtype=np.float32)
    boxes = np.stack([cx.ravel(), cy.ravel(), side, side])[None]
    # Red minus blue and blue minus red, over the bar, as a logit.
    weights = np.array([[20, 0, -20], [-20, 0, 20]], dtype=np.float32).reshape(2, 3, 1, 1)
    initial = [constant('boxes', boxes), constant('w', weights), constant('b', [-20 * bar, -20 * bar])]
    initial.append(numpy_helper.from_array(np.array([1, 2, GRID * GRID], dtype=np.int64), 'shape'))
    nodes, source = [], 'images'
    if slow:
        rng = np.random.default_rng(0)
        initial += [constant('s1', rng.normal(size=(slow, 3, 3, 3))), constant('s2', rng.normal(size=(3, slow, 3, 3)))]
        initial.append(constant('zero', 0.0))
        nodes += [
            helper.make_node('Conv', ['images', 's1'], ['h1'], pads=[1, 1, 1, 1]),
            helper.make_node('Conv', ['h1', 's2'], ['h2'], pads=[1, 1, 1, 1]),
            helper.make_node('Min', ['h2', 'zero'], ['h3']),
            helper.make_node('Max', ['h3', 'zero'], ['h4']),
            helper.make_node('Add', ['images', 'h4'], ['h5']),
        ]
        source = 'h5'
    nodes += [
        helper.make_node('AveragePool', [source], ['cells'], kernel_shape=[STRIDE, STRIDE], strides=[STRIDE, STRIDE]),
        helper.make_node('Conv', ['cells', 'w', 'b'], ['logits']),
        helper.make_node('Reshape', ['logits', 'shape'], ['flat']),
        helper.make_node('Sigmoid', ['flat'], ['scores']),
    ]
    scores = 'scores'
    if poison:
        # Grey (the probe when the model is loaded) stays a number; colour divides nothing by nothing.
        initial += [constant('grey', 114 / 255), constant('tiny', 1e-4), constant('none', 0.0), constant('one', 1.0)]
        nodes += [
            helper.make_node('Sub', ['images', 'grey'], ['off']),
            helper.make_node('Abs', ['off'], ['far']),
            helper.make_node('ReduceMax', ['far'], ['most'], keepdims=0),
            helper.make_node('Greater', ['most', 'tiny'], ['colour']),
            helper.make_node('Where', ['colour', 'none', 'one'], ['alive']),
            helper.make_node('Div', ['alive', 'alive'], ['number']),
            helper.make_node('Mul', ['scores', 'number'], ['poisoned']),
        ]
        scores = 'poisoned'
    nodes.append(helper.make_node('Concat', ['boxes', scores], ['output0'], axis=1))
    graph = helper.make_graph(
        nodes,
        'tiny',
        [helper.make_tensor_value_info('images', TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info('output0', TensorProto.FLOAT, [1, 6, GRID * GRID])],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    model.metadata_props.append(onnx.StringStringEntryProto(key='names', value="{0: 'red', 1: 'blue'}"))
    onnx.checker.check_model(model)
    onnx.save(model, path)


folder = Path(sys.argv[1])
detector(folder / 'champion.onnx', 0.4)
detector(folder / 'eager.onnx', 0.1)
detector(folder / 'slow.onnx', 0.4, slow=384)
detector(folder / 'nan.onnx', 0.4, poison=True)

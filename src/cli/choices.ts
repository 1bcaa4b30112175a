/** What `sluice export` can write. */
export const exportFormats = [
  'onnx',
  'onnx-fp16',
  'onnx-int8',
  'onnx-int8-all',
  'openvino',
  'tflite',
  'engine',
] as const

/** What `sluice parity` has trtexec build an engine for. */
export const precisions = ['fp32', 'fp16', 'int8'] as const

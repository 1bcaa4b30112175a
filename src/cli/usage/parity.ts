import { precisions } from '../choices.ts'
import { servingUsage } from '../serving-usage.ts'

export const usage = `sluice parity REFERENCE ARTIFACT --data DIR [options]

Runs both on the same images: boxes that only one finds, the largest shifts, how far the outputs part, and mAP of both
with the interval of their difference. Either is .onnx, .pt (which runs code when it is read: only your own), an OpenVINO
.xml or folder, .tflite, or .engine through trtexec. What cannot be run here is "exported, not measured": exit code 3.

  --data DIR       data set
  --split SPLIT    train, val or test, default val
  --format NAME    what the artefact is called in the evidence, default by its file name: onnx-int8, openvino, tflite
  --tensorrt PREC  build an engine from the artefact, an ONNX file, with trtexec: ${precisions.join(', ')}
  --tensors N      images whose outputs are compared number by number, default 16
${servingUsage}
  --html FILE      the boxes that flipped, as a page with pictures
  --json FILE      the result
  --evidence FILE  the whole document, for gates`

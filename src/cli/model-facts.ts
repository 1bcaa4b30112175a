import { readModelFile } from '../adapters/onnx/model-file.ts'
import { headOf } from '../core/detect/decode.ts'
import type { ModelFacts } from '../core/synthetic/model-mutant.ts'
import { outputOf } from '../core/synthetic/onnx-edit.ts'

/** What the file says of itself; UsageError when its output is no detector's. */
export function modelFacts(path: string): ModelFacts {
  const { bytes, metadata } = readModelFile(path)
  const output = outputOf(bytes)
  const known = { classes: metadata.names?.length ?? null, endToEnd: metadata.endToEnd }
  const head = headOf(fixed(output.dims, known), known)
  return {
    bytes,
    output,
    head: { kind: head.kind, classes: head.kind === 'raw' ? head.classes : (metadata.names?.length ?? 1) },
    stride: metadata.stride ?? 32,
  }
}

/** Dimensions that the file leaves open, as its class names have them. */
function fixed(
  [batch = 1, a = 0, b = 0, ...rest]: number[],
  known: { classes: number | null; endToEnd: boolean | null },
) {
  const classes = known.classes ?? 0
  const rows = a === -1 && known.endToEnd !== true && classes > 0 ? 4 + classes : a
  return [batch === -1 ? 1 : batch, rows, b === -1 && known.endToEnd === true ? 6 : b, ...rest]
}

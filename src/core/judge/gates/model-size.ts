import { parity as parityDocument } from '../../documents/operational.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate } from '../gate-kind.ts'

const bytesPerMebibyte = 2 ** 20

/** Bytes of the artefact that ships: what a device must hold and a rollout must send. */
export const modelSize = defineGate(parityDocument, {
  name: 'model-size',
  summary: 'The artefact that ships is no larger than allowed; read from its Parity document, format by format.',
  terms: 'x = bytes / 2²⁰.',
  decides: ['pass  x ≤ atMost', 'fail  x > atMost'],
  example: ['{ gate: model-size, evidence: Parity, target: onnx-int8, measure: mebibytes, atMost: 8 }'],
  measures: [
    {
      name: 'mebibytes',
      says: 'size of the artefact',
      unit: 'MiB',
      limit: 'atMost',
      low: 0,
      high: 2048,
      limitRequired: true,
    },
  ],
  targets: null,
  perClass: 'never',
  tooLittle: 'no size written: open; a size counts also where the format could not be run',
  whenInconclusive: 'hold',
  targetOf: ({ artifact }) => artifact.format,
  judge: (body, line) => {
    const { format, bytes } = body.artifact
    const question = {
      measure: `size of ${format}`,
      unit: 'MiB',
      limit: line.atMost ?? Number.NaN,
      direction: 'at most' as const,
    }
    if (bytes === 0)
      return [unsettled({ ...facts(question), observed: null }, 'it has no bytes', `export ${format} again`)]
    return [decidePoint(bytes / bytesPerMebibyte, question)]
  },
})

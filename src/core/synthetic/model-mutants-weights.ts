import type { ModelFacts, ModelMutant } from './model-mutant.ts'
import { behindOutput, type Constant, editWeights, type Node } from './onnx-edit.ts'

const notFloat = 'its output is not float32'
const noWeights = 'it has no float32 weights in the file'

/** Mutants that need the file rewritten: weights changed in place, or nodes put behind the output. */
export const weightMutants: readonly ModelMutant[] = [
  {
    id: 'classes-rotated',
    summary: 'each class answers for the next',
    bytes: (facts) => (facts.head.classes < 2 ? 'it has one class' : rotated(facts)),
  },
  { id: 'class-dropped', summary: 'the first class is never found', bytes: dropped },
  { id: 'half-a-stride', summary: 'boxes shifted by half a stride', bytes: shifted },
  {
    id: 'int8-clipped',
    summary: 'weights of 16 levels, those beyond a fifth of the largest clipped',
    format: 'onnx-int8',
    bytes: ({ bytes }) => changed(bytes, clip),
  },
  {
    id: 'weights-nan',
    summary: 'one weight in a hundred is not a number',
    bytes: ({ bytes }) => changed(bytes, (values) => eachHundredth(values, Number.NaN)),
  },
  {
    id: 'truncated',
    summary: 'the second half of the file is missing',
    bytes: ({ bytes }) => bytes.slice(0, bytes.length >> 1),
  },
  {
    id: 'exported-again',
    summary: 'the same graph in another file: an Identity behind its output',
    control: true,
    bytes: ({ bytes, output }) =>
      behindOutput(bytes, [{ op: 'Identity', inputs: [output.name], output: 'result' }], []),
  },
]

function changed(bytes: Uint8Array, edit: (values: Float32Array) => void): Uint8Array | string {
  const { model, tensors } = editWeights(bytes, 6, edit)
  return tensors === 0 ? noWeights : model
}

/** What a bad calibration does: the range ends at a fifth of the largest weight, what is beyond is cut off. */
function clip(values: Float32Array): void {
  const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0) / 5
  if (!(most > 0)) return
  const step = most / 8
  for (let i = 0; i < values.length; i++) {
    const level = Math.round((values[i] as number) / step)
    values[i] = Math.max(-8, Math.min(7, level)) * step
  }
}

function eachHundredth(values: Float32Array, value: number): void {
  for (let i = 0; i < values.length; i += 100) values[i] = value
}

function rotated({ bytes, output, head }: ModelFacts): Uint8Array | string {
  if (output.type !== 1) return notFloat
  const { classes } = head
  if (head.kind === 'raw') {
    const rows = [0, 1, 2, 3, ...Array.from({ length: classes }, (_, c) => 4 + ((c + 1) % classes))]
    const constant = { name: 'planted rows', dims: [rows.length], values: rows, whole: true }
    const node = { op: 'Gather', inputs: [output.name, constant.name], output: 'result', attributes: { axis: 1 } }
    return behindOutput(bytes, [node], [constant])
  }
  const far = 1e9
  return behindOutput(
    bytes,
    [
      { op: 'Add', inputs: [output.name, 'planted one'], output: 'planted next' },
      { op: 'Mod', inputs: ['planted next', 'planted classes'], output: 'result', attributes: { fmod: 1 } },
    ],
    [row('planted one', [0, 0, 0, 0, 0, 1]), row('planted classes', [far, far, far, far, far, classes])],
  )
}

function dropped({ bytes, output, head }: ModelFacts): Uint8Array | string {
  if (output.type !== 1) return notFloat
  if (head.kind === 'raw') {
    const kept = Array.from({ length: 4 + head.classes }, (_, i) => (i === 4 ? 0 : 1))
    const constant = { name: 'planted mask', dims: [1, kept.length, 1], values: kept }
    const node: Node = { op: 'Mul', inputs: [output.name, constant.name], output: 'result' }
    return behindOutput(bytes, [node], [constant])
  }
  // Class ids are whole numbers from 0, so the smaller of id and 1 is 0 for the first class alone.
  return behindOutput(
    bytes,
    [
      { op: 'Gather', inputs: [output.name, 'planted column'], output: 'planted class', attributes: { axis: 2 } },
      { op: 'Min', inputs: ['planted class', 'planted cap'], output: 'planted other' },
      { op: 'Mul', inputs: ['planted other', 'planted score'], output: 'planted kept' },
      { op: 'Add', inputs: ['planted kept', 'planted rest'], output: 'planted factor' },
      { op: 'Mul', inputs: [output.name, 'planted factor'], output: 'result' },
    ],
    [
      { name: 'planted column', dims: [1], values: [5], whole: true },
      { name: 'planted cap', dims: [1], values: [1] },
      row('planted score', [0, 0, 0, 0, 1, 0]),
      row('planted rest', [1, 1, 1, 1, 0, 1]),
    ],
  )
}

function shifted({ bytes, output, head, stride }: ModelFacts): Uint8Array | string {
  if (output.type !== 1) return notFloat
  const by = stride / 2
  const node: Node = { op: 'Add', inputs: [output.name, 'planted shift'], output: 'result' }
  if (head.kind === 'end-to-end') return behindOutput(bytes, [node], [row('planted shift', [by, by, by, by, 0, 0])])
  const values = Array.from({ length: 4 + head.classes }, (_, i) => (i < 2 ? by : 0))
  return behindOutput(bytes, [node], [{ name: 'planted shift', dims: [1, values.length, 1], values }])
}

function row(name: string, values: number[]): Constant {
  return { name, dims: [1, 1, values.length], values }
}

import { parity as parityDocument } from '../../documents/operational.ts'
import { decideInterval, decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const required = { limitRequired: true } as const

/** What ships gives the boxes that were gated. An artefact that was exported but not measured is never a pass. */
export const parity = defineGate(parityDocument, {
  name: 'parity',
  summary: 'The artefact that ships gives the same boxes, or loses no more than the margin, as the trained model.',
  terms:
    'map-loss: d is mAP of the artefact − mAP of the trained model, with a 95 % interval from low to high. flipped is boxes found by one alone / boxes of the trained model.',
  decides: [
    'map-loss       pass  low > −margin',
    '               fail  high < −margin',
    '               open  −margin inside the interval or on its edge',
    'other          pass  x ≤ atMost',
    '               fail  x > atMost',
  ],
  example: [
    '{ gate: parity, evidence: Parity, target: onnx, measure: corner-px, atMost: 0.5 }',
    '{ gate: parity, evidence: Parity, target: onnx-int8, measure: map-loss, margin: 0.01 }',
  ],
  measures: [
    {
      name: 'map-loss',
      says: 'mAP 50 to 95, artefact minus trained',
      unit: 'AP',
      limit: 'margin',
      low: 0,
      high: 0.5,
      ...required,
    },
    {
      name: 'corner-px',
      says: 'largest shift of a box corner',
      unit: 'px',
      limit: 'atMost',
      low: 0,
      high: 1e4,
      ...required,
    },
    {
      name: 'score',
      says: 'largest shift of a score',
      unit: 'score',
      limit: 'atMost',
      low: 0,
      high: 1,
      range: [0, 1],
      ...required,
    },
    {
      name: 'flipped',
      says: 'share of boxes found by one alone',
      unit: 'share',
      limit: 'atMost',
      low: 0,
      high: 1,
      range: [0, 1],
      ...required,
    },
    {
      name: 'tensor-px',
      says: 'largest difference of a box coordinate in the outputs, before anything is left out',
      unit: 'px',
      limit: 'atMost',
      low: 0,
      high: 1e4,
      ...required,
    },
    {
      name: 'tensor-score',
      says: 'largest difference of a score in the outputs, before anything is left out',
      unit: 'score',
      limit: 'atMost',
      low: 0,
      high: 1,
      range: [0, 1],
      ...required,
    },
  ],
  targets: null,
  perClass: 'never',
  tooLittle: 'exported but not measured, no image, or no box: open',
  falseAlarm: (line) => ((line.measure ?? 'map-loss') === 'map-loss' ? 0.025 : null),
  whenInconclusive: 'hold',
  targetOf: ({ artifact }) => artifact.format,
  judge: (body, line) => {
    const { name, unit, limit: key } = measureOf(parity, line)
    const limit = key === 'margin' ? -(line.margin ?? 0) : (line.atMost ?? 0)
    const direction = key === 'margin' ? ('at least' as const) : ('at most' as const)
    const question = { measure: `${name} of ${body.artifact.format}`, unit, limit, direction }
    const base = { ...facts(question), observed: null }
    if (body.state !== 'measured') {
      const { why, settle } = body.unmeasured ?? {}
      const again = `run parity on ${body.artifact.format}`
      return [unsettled(base, why ? `${body.state}: ${why}` : body.state, settle ? `${settle}; then ${again}` : again)]
    }
    if (body.images === 0) return [unsettled(base, 'no image was compared', 'run parity on the validation images')]
    if (name === 'map-loss')
      return [decideInterval(body.map.difference, { ...question, units: body.images, unitName: 'image' })]
    if (name === 'tensor-px' || name === 'tensor-score') {
      const { tensors } = body
      if (!tensors || tensors.images === 0)
        return [unsettled(base, 'no outputs were compared', 'run parity on two artefacts that leave suppression to us')]
      return [decidePoint(name === 'tensor-px' ? tensors.maxPx : tensors.maxScore, question)]
    }
    // Two models that find nothing agree on everything.
    if (body.boxes.reference === 0)
      return [unsettled(base, 'the trained model found no box', 'run parity on images with objects')]
    if (name === 'flipped') return [decidePoint(body.boxes.flipped / body.boxes.reference, question)]
    return [decidePoint(name === 'score' ? body.boxes.maxScore : body.boxes.maxCornerPx, question)]
  },
})

import { evaluation } from '../../documents/evaluation.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const gap = { unit: 'share', limit: 'atMost', low: 0, high: 1, range: [0, 1] } as const
/** Expected error of a perfectly calibrated model's ten bins is about a tenth with fewer than this. */
const fewest = 100
const usual = { ece: 0.1, mce: 0.3 } as const

/** Whether a confidence of .8 is right four times in five. It informs unless the policy says hold. */
export const calibration = defineGate(evaluation, {
  name: 'calibration',
  summary:
    'Confidence means what it says: the gap between confidence and precision stays below a limit (0.1 unless set).',
  terms:
    'x is ece = Σ nᵢ/n · |confidenceᵢ − precisionᵢ| over ten bins of confidence, or mce, the largest gap of one bin.',
  decides: [
    'pass  x ≤ atMost (ece 0.1, mce 0.3 unless set)',
    'fail  x > atMost, where the line sets it',
    'open  x beyond the usual limit where it does not',
  ],
  example: ['{ gate: calibration, evidence: Evaluation, measure: ece, atMost: 0.08, minimumUnits: 500 }'],
  measures: [
    { name: 'ece', says: 'mean gap between confidence and precision, over ten bins', ...gap },
    { name: 'mce', says: 'largest such gap of a bin', ...gap },
  ],
  perClass: 'never',
  units: 'detections',
  tooLittle: 'fewer than 100 detections (or than asked): open, since the gap of few is mostly chance',
  whenInconclusive: 'report',
  judge: (body, line) => {
    const measure = measureOf(calibration, line)
    const name = measure.name as 'ece' | 'mce'
    const question = {
      measure: name,
      unit: 'share',
      limit: line.atMost ?? usual[name],
      direction: 'at most' as const,
      range: measure.range,
    }
    const base = { ...facts(question), observed: null }
    const found = body.calibration
    if (!found) return [unsettled(base, 'the evaluation does not say', 'evaluate again')]
    const wanted = line.minimumUnits ?? fewest
    if (found.detections < wanted)
      return [unsettled(base, `${found.detections} detections, fewer than ${wanted}`, 'more validation images')]
    const draft = decidePoint(found[name], question)
    // Without a limit in the policy it is news, not a reason to stop.
    if (draft.verdict !== 'fail' || line.atMost !== undefined) return [draft]
    const better = found.temperature
      ? `divide logits by ${found.temperature.value.toFixed(2)} (error ${found.temperature.before.toFixed(3)} to ${found.temperature.after.toFixed(3)} on the other half)`
      : 'set thresholds anew for this model'
    return [
      unsettled({ ...base, observed: draft.observed }, `${found[name].toFixed(3)} is above ${usual[name]}`, better),
    ]
  },
})

import { type TrainRunBody, trainRun } from '../../documents/training.ts'
import { decidePoint, facts, number, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

/** A loss beyond this is an explosion, whatever the recipe: detection losses start between 1 and 10. */
const explodes = 1000
const few = { unit: 'epochs', limit: 'atMost', low: 0, high: 1e6 } as const

/** That a training run is what it says: its losses are losses, and what reached the trainer is what was asked. */
export const trainingSanity = defineGate(trainRun, {
  name: 'training-sanity',
  summary: 'The run that made the candidate is sound: losses are numbers and fall, arguments are those of its record.',
  terms:
    'S is the sum of box, class and DFL loss of an epoch: loss-fall = (S first − S last) / S first, and still-falling is the part of that fall after four fifths of the epochs.',
  decides: [
    'pass  x ≤ atMost (0, still-falling 0.5 unless set); loss-fall: x ≥ atLeast (0 unless set)',
    'fail  the limit is missed',
    'open  still-falling beyond 0.5 where the line sets no limit; arguments that leave out what to compare',
  ],
  example: [
    '{ gate: training-sanity, evidence: TrainRun, measure: broken-losses, atMost: 0 }',
    '{ gate: training-sanity, evidence: TrainRun, measure: loss-fall, atLeast: 0.2, minimumUnits: 20 }',
  ],
  measures: [
    { name: 'broken-losses', says: 'epochs with a loss that is negative or beyond 1000', ...few },
    { name: 'altered-arguments', says: 'arguments that contradict the run’s own record', ...few, unit: 'arguments' },
    {
      name: 'loss-fall',
      says: 'share by which the sum of losses fell',
      unit: 'share',
      limit: 'atLeast',
      low: -1,
      high: 1,
    },
    {
      name: 'still-falling',
      says: 'part of the fall that came in the last fifth of the epochs',
      unit: 'share',
      limit: 'atMost',
      low: 0,
      high: 1,
      range: [0, 1],
    },
  ],
  perClass: 'never',
  units: 'epochs',
  tooLittle: 'no epoch in the record, or fewer than asked: open',
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const measure = measureOf(trainingSanity, line)
    const direction = measure.limit === 'atMost' ? ('at most' as const) : ('at least' as const)
    const limit = line[measure.limit] ?? (measure.name === 'still-falling' ? 0.5 : 0)
    const question = { measure: `training, ${measure.name}`, unit: measure.unit, limit, direction }
    const base = { ...facts(question), observed: null }
    const wanted = Math.max(measure.name.endsWith('fall') ? 2 : 1, line.minimumUnits ?? 1)
    const epochs = body.curve.length
    if (epochs < wanted || body.updates === 0)
      return [unsettled(base, `${epochs} epochs and ${body.updates} updates in its record`, 'train again')]
    if (measure.name === 'altered-arguments') return [judgeArguments(body, question)]
    if (measure.name === 'broken-losses') return [decidePoint(body.curve.filter(isBroken).length, question)]
    const sums = body.curve.map(total)
    const [first, last] = [sums[0] as number, sums.at(-1) as number]
    if (measure.name === 'loss-fall') return [decidePoint(first > 0 ? (first - last) / first : Number.NaN, question)]
    const late = sums[Math.max(0, Math.floor(epochs * 0.8) - 1)] as number
    const share = first > last ? Math.min(1, Math.max(0, (late - last) / (first - last))) : 0
    const draft = decidePoint(share, question)
    if (draft.verdict !== 'fail' || line.atMost !== undefined) return [draft]
    // The last epoch as the best one is a warning: a longer run may be better, this one is not wrong.
    const what = `${number(share)} of the fall came in the last fifth: the run may have ended too early`
    return [unsettled({ ...base, observed: share }, what, 'more updates, for champion and control alike')]
  },
})

type Epoch = TrainRunBody['curve'][number]
const losses = ({ boxLoss, classLoss, dflLoss }: Epoch) => [boxLoss, classLoss, dflLoss]
const total = (epoch: Epoch) => losses(epoch).reduce((sum, loss) => sum + loss, 0)
const isBroken = (epoch: Epoch) => losses(epoch).some((loss) => !(loss >= 0 && loss <= explodes))

/** The record's seed, updates and epochs stand a second time among the arguments that reached the trainer. */
function judgeArguments(body: TrainRunBody, question: Parameters<typeof decidePoint>[1]) {
  const { arguments: given, seed, updates, epochs, curve } = body
  const asked = (key: string) => (Object.hasOwn(given, key) ? given[key] : undefined)
  const altered = [
    ...(asked('seed') !== undefined && asked('seed') !== seed ? [`seed ${seed} became ${String(asked('seed'))}`] : []),
    ...(asked('updates') !== undefined && asked('updates') !== updates
      ? [`${updates} updates were recorded as ${String(asked('updates'))}`]
      : []),
    ...(typeof asked('epochs') === 'number' && epochs > (asked('epochs') as number)
      ? [`${epochs} epochs, more than asked`]
      : []),
    ...(asked('deterministic') === false ? ['deterministic was turned off'] : []),
    ...(curve.length > epochs || curve.some(({ epoch }, i) => epoch <= (curve[i - 1]?.epoch ?? 0))
      ? ['its epochs do not rise one by one']
      : []),
  ]
  const draft = decidePoint(altered.length, question)
  if (altered.length > 0) return { ...draft, reason: `${draft.reason}: ${altered.join('; ')}` }
  // What is missing contradicts nothing: an entry taken out must not be what makes a record sound.
  const missing = ['seed', 'updates', 'epochs', 'deterministic'].filter((key) => asked(key) === undefined)
  if (missing.length > 0) {
    const what = `its arguments do not say ${missing.join(', ')}`
    return unsettled({ ...facts(question), observed: null }, what, 'train again')
  }
  return draft
}

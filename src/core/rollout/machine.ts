import type { RolloutStateBody } from '../documents/release.ts'
import { type Judged, judge } from './measures.ts'
import type { Rules } from './rules.ts'
import { type PairCounters, type RouterStatus, since } from './tally.ts'

export type RolloutState = RolloutStateBody &
  Required<Pick<RolloutStateBody, 'artifacts' | 'pending' | 'since' | 'missed' | 'expected' | 'windows'>>
export type Effect = RolloutState['pending'][number]

/** Times are seconds of one clock; an id that was seen before changes nothing. */
export type RolloutEvent =
  | { type: 'look'; id: string; at: number; status: RouterStatus | null; problem?: string }
  | { type: 'abort'; id: string; at: number; by: string; reason: string }
  | { type: 'resume'; id: string; at: number; by: string; reason: string }
  | { type: 'done'; id: string; at: number; effect: string }

type Arm = { version: string; artifact: string }

/** The first state: the challenger gets copies and answers nobody. */
export function startRollout(input: {
  channel: string
  champion: Arm
  challenger: Arm
  expected: number | null
}): RolloutState {
  const { channel, champion, challenger, expected } = input
  const reason = `${challenger.version} shadows ${champion.version}`
  return {
    channel,
    champion: champion.version,
    challenger: challenger.version,
    artifacts: { champion: champion.artifact, challenger: challenger.artifact },
    phase: 'shadow',
    weight: 0,
    step: 0,
    looks: [],
    reason,
    events: [],
    pending: [{ id: 'start/route', type: 'route', weight: 0, reason }],
    since: null,
    missed: 0,
    expected,
    windows: 0,
  }
}

export const isOver = ({ phase }: Pick<RolloutStateBody, 'phase'>) => phase === 'promoted' || phase === 'rolled-back'

/** One event later. The effects are all that are not known to be done, so that a restart repeats what may be missing. */
export function advance(
  state: RolloutState,
  event: RolloutEvent,
  rules: Rules,
): { state: RolloutState; effects: Effect[] } {
  const seen = state.events.some((known) => (known as { id?: string }).id === event.id)
  const next = seen ? state : step(state, event, rules)
  return { state: next, effects: next.pending }
}

function step(state: RolloutState, event: RolloutEvent, rules: Rules): RolloutState {
  if (event.type === 'done') {
    return { ...state, pending: state.pending.filter(({ id }) => id !== event.effect) }
  }
  if (isOver(state)) return state
  const { id, type, at } = event
  const noted: RolloutState = { ...state, events: [...state.events.slice(-499), { id, type, at }] }
  if (event.type === 'abort') return rollBack(noted, id, `stopped by ${event.by}: ${event.reason}`)
  if (event.type === 'resume') return state.phase === 'paused' ? resume(noted, event, rules) : state
  return state.phase === 'paused' ? state : look(noted, event, rules)
}

function look(state: RolloutState, event: RolloutEvent & { type: 'look' }, rules: Rules): RolloutState {
  const { status, at, id } = event
  const blind = status === null ? (event.problem ?? 'the router gave no answer') : strangers(state, status)
  if (status === null || blind !== null) {
    const missed = state.missed + 1
    const reason = `no data (${missed} in a row): ${blind}`
    return missed > rules.maximumMissed ? pause({ ...state, missed }, id, reason) : { ...state, missed, reason }
  }
  if (status.challenger?.state === 'failed') return rollBack(state, id, 'the challenger crashed until it stayed down')
  const fresh = state.since === null || state.since.epoch !== status.epoch
  const begun = fresh ? begin(state, status, at) : state
  const from = begun.since as NonNullable<RolloutState['since']>
  const pairs = since(status.pairs, from.pairs as PairCounters)
  // Counters that went backwards are an older look that came late.
  if (pairs === null) return state
  const measures = judge(pairs, rules, state.expected, begun.windows)
  const answered = status.arms.challenger.answered - from.answered
  const outcome = decide(begun, { pairs, measures, answered, seconds: at - from.at }, rules)
  const looked = record({ ...begun, missed: 0 }, status, pairs, measures, outcome, at)
  if (outcome.decision === 'rollback') return rollBack(looked, id, outcome.reason)
  if (outcome.decision === 'pause') return pause(looked, id, outcome.reason)
  if (outcome.decision === 'advance') return forward(looked, status, event, rules, outcome.reason)
  // Somebody else, or a lease that ran out, changed the weight.
  const moved = Math.abs(status.weight - state.weight) > 1e-9
  return moved ? route(looked, `${id}/route`, state.weight, 'the router had another weight') : looked
}

type Evidence = { pairs: PairCounters; measures: Judged[]; answered: number; seconds: number }
type Outcome = { decision: 'continue' | 'advance' | 'rollback' | 'pause'; reason: string; by: Judged }

function decide(state: RolloutState, evidence: Evidence, rules: Rules): Outcome {
  const { pairs, measures, answered, seconds } = evidence
  const need = state.step === 0 ? rules.shadow : rules.canary
  const worst = measures.reduce((a, b) => (room(b) < room(a) ? b : a))
  const harmed = measures.find(({ judged }) => judged === 'harm')
  if (harmed) return { decision: 'rollback', by: harmed, reason: `harm: ${sentence(harmed, 'above')}` }
  const open = measures.filter(({ judged }) => judged === 'open')
  const answers = state.step === 0 ? 0 : Math.max(1, Math.floor((state.weight * need.minimumRequests) / 2))
  const lacks = [
    ...(pairs.pairs < need.minimumRequests ? [`${pairs.pairs} of ${need.minimumRequests} requests`] : []),
    ...(seconds < need.minimumSeconds ? [`${Math.floor(seconds)} of ${need.minimumSeconds} s`] : []),
    ...(answered < answers ? [`${answered} of ${answers} answers by the challenger`] : []),
    ...open.map(({ measure, n }) => `${measure} undecided after ${n}`),
  ]
  if (lacks.length === 0) {
    return {
      decision: 'advance',
      by: worst,
      reason: `every measure is below its limit; closest: ${sentence(worst, 'below')}`,
    }
  }
  const over = pairs.pairs >= rules.maximumRequests || seconds >= rules.maximumSeconds
  const reason = lacks.join(', ')
  return over
    ? { decision: 'pause', by: open[0] ?? worst, reason: `inconclusive at the maximum: ${reason}` }
    : { decision: 'continue', by: open[0] ?? worst, reason }
}

const room = ({ high, limit }: Judged) => limit - high

function sentence(judged: Judged, side: 'above' | 'below'): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const bound = side === 'above' ? `at least ${percent(judged.low)}` : `at most ${percent(judged.high)}`
  return `${judged.what}: ${percent(judged.value)} of ${judged.n}, ${bound}, limit ${percent(judged.limit)}`
}

/** Why the two arms are not those of this rollout; null when they are. */
function strangers({ artifacts }: RolloutState, status: RouterStatus): string | null {
  if (status.challenger === null) return 'the router has no challenger'
  if (status.champion.artifact !== artifacts.champion) return 'the router serves another champion'
  return status.challenger.artifact === artifacts.challenger ? null : 'the router has another challenger'
}

function begin(state: RolloutState, status: RouterStatus, at: number): RolloutState {
  const { epoch, pairs, arms } = status
  return { ...state, windows: state.windows + 1, since: { at, epoch, answered: arms.challenger.answered, pairs } }
}

function record(
  state: RolloutState,
  status: RouterStatus,
  pairs: PairCounters,
  judged: Judged[],
  { decision, reason, by }: Outcome,
  at: number,
): RolloutState {
  const { champion, challenger } = status.arms
  const entry = {
    step: stepName(state),
    requests: pairs.pairs,
    champion: { answered: champion.answered, errors: champion.errors, boxes: pairs.championBoxes },
    challenger: {
      answered: challenger.answered,
      errors: challenger.errors,
      boxes: pairs.challengerBoxes,
      gained: pairs.gained,
      dropped: challenger.dropped,
    },
    statistic: by.value,
    low: by.low,
    high: by.high,
    decision,
    reason,
    at,
    measures: judged.map(({ what: _, ...rest }) => rest),
  }
  // Every decision stays, and the last looks.
  const kept = state.looks.filter((old, i) => old.decision !== 'continue' || i >= state.looks.length - 99)
  return { ...state, reason, looks: [...kept, entry] }
}

function stepName({ step, weight }: RolloutState): string {
  return step === 0 ? 'shadow' : `${+(100 * weight).toFixed(2)} %`
}

function forward(state: RolloutState, status: RouterStatus, event: RolloutEvent, rules: Rules, reason: string) {
  const index = state.step
  const weight = rules.weights[index]
  if (weight === undefined) return end(state, event.id, 'promoted', 1, reason)
  const moved: RolloutState = { ...begin(state, status, event.at), phase: 'canary', step: index + 1, weight }
  return route(moved, `${event.id}/route`, weight, reason)
}

function resume(state: RolloutState, event: RolloutEvent & { type: 'resume' }, rules: Rules): RolloutState {
  const weight = state.step === 0 ? 0 : (rules.weights[state.step - 1] ?? 0)
  const reason = `resumed by ${event.by}: ${event.reason}`
  const phase = state.step === 0 ? 'shadow' : 'canary'
  return route({ ...state, phase, weight, since: null, missed: 0, reason }, `${event.id}/route`, weight, reason)
}

/** Undecided traffic goes back to the champion; the shadow goes on, so that evidence may still grow. */
function pause(state: RolloutState, id: string, reason: string): RolloutState {
  return route({ ...state, phase: 'paused', weight: 0, reason }, `${id}/route`, 0, reason)
}

function rollBack(state: RolloutState, id: string, reason: string): RolloutState {
  return end(state, id, 'rolled-back', 0, reason)
}

function end(state: RolloutState, id: string, phase: 'promoted' | 'rolled-back', weight: number, reason: string) {
  const routed = route({ ...state, phase, weight, reason }, `${id}/route`, weight, reason)
  const type = phase === 'promoted' ? ('promote' as const) : ('rollback' as const)
  return { ...routed, pending: [...routed.pending, { id: `${id}/${type}`, type, weight, reason }] }
}

/** The newest weight is the only one worth applying. */
function route(state: RolloutState, id: string, weight: number, reason: string): RolloutState {
  const others = state.pending.filter(({ type }) => type !== 'route')
  return { ...state, pending: [{ id, type: 'route', weight, reason }, ...others] }
}

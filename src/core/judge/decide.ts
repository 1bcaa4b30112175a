import type { VerdictLine } from '../documents/verdict.ts'
import type { Draft } from './gate-kind.ts'

export type Observed = { value: number; low?: number; high?: number }
export type Question = {
  /** What was measured, as the verdict names it. */
  measure: string
  unit: string
  limit: number
  direction: 'at least' | 'at most'
  /** Independent units behind the interval, and what they are called. */
  units?: number | undefined
  unitName?: string | undefined
  /** Values that there can be; anything else was not measured. */
  range?: readonly [number, number] | undefined
}

/** Judges one number that has no error of its own, e.g. a count; the limit itself passes. */
export function decidePoint(value: number, question: Question): Draft {
  const base = { ...facts(question), observed: finiteOrNull(value) }
  if (!Number.isFinite(value)) return unsettled(base, 'no number was measured', `measure ${question.measure} again`)
  if (isImpossible(value, question))
    return unsettled(base, `${number(value)} cannot be`, `measure ${question.measure} again`)
  const passes = question.direction === 'at least' ? value >= question.limit : value <= question.limit
  const words = `${number(value)} is ${passes ? '' : 'not '}${question.direction} ${number(question.limit)}`
  return { ...base, verdict: passes ? 'pass' : 'fail', reason: `${question.measure}: ${words}` }
}

/**
 * Judges an estimate by its whole interval: all of it on the right side passes, all of it on the wrong side fails,
 * a limit inside it (or on its edge) is inconclusive.
 */
export function decideInterval(observed: Observed, question: Question): Draft {
  const { value, low, high } = observed
  const base = { ...facts(question), observed: finiteOrNull(value) }
  const again = `measure ${question.measure} again, with an interval`
  if (!Number.isFinite(value)) return unsettled(base, 'no number was measured', again)
  if (isImpossible(value, question)) return unsettled(base, `${number(value)} cannot be`, again)
  if (low === undefined || high === undefined || !Number.isFinite(low) || !Number.isFinite(high))
    return unsettled(base, `${number(value)} has no interval`, again)
  if (low > high) return unsettled(base, `its interval runs from ${number(low)} down to ${number(high)}`, again)
  const withInterval = { ...base, low, high }
  const said = `${number(value)} [${number(low)}, ${number(high)}]`
  const side = sideOf(low, high, question)
  const wrong = question.direction === 'at least' ? 'below' : 'above'
  const right = question.direction === 'at least' ? 'above' : 'below'
  if (side === 'inconclusive') {
    return unsettled(
      withInterval,
      `${said} leaves open whether it is ${question.direction} ${number(question.limit)}`,
      settleBy(observed, question),
    )
  }
  const words = `${said} is wholly ${side === 'pass' ? right : wrong} ${number(question.limit)}`
  return { ...withInterval, verdict: side, reason: `${question.measure}: ${words}` }
}

/** One-sided bounds of a difference: above the first with 95 %, below the second with 99 % confidence. */
export type Bounds = { lower95: number; upper99: number }

/**
 * Judges a difference of two models against a limit, −δ for "not worse by more than δ". Passes when the lower bound is
 * above the limit. Fails only where the difference is below the limit and its upper bound below zero (below the limit,
 * where a gain is asked for): equal models then fail in one case of a hundred at most, whatever δ is. Everything else is
 * inconclusive.
 */
export function decideDifference(value: number, bounds: Bounds | null, question: Question): Draft {
  const base = { ...facts(question), observed: finiteOrNull(value) }
  const sound = soundBounds(value, bounds, question)
  if (typeof sound === 'string') return unsettled(base, sound, `measure ${question.measure} again, with an interval`)
  const { lower95: low, upper99: high } = sound
  const withBounds = { ...base, low, high }
  const { limit } = question
  if (low > limit) {
    const words = `${number(value)} (at least ${number(low)} with 95 % confidence) is above ${number(limit)}`
    return { ...withBounds, verdict: 'pass', reason: `${question.measure}: ${words}` }
  }
  if (value < limit && high < Math.max(0, limit)) {
    const beyond = limit < 0 ? 'a loss beyond' : 'below'
    const words = `${number(value)} (at most ${number(high)} with 99 % confidence) is ${beyond} ${number(limit)}`
    return { ...withBounds, verdict: 'fail', reason: `${question.measure}: ${words}` }
  }
  const open = `${number(value)}, somewhere from ${number(low)} to ${number(high)}, leaves open whether it is at least ${number(limit)}`
  return unsettled(withBounds, open, settleDifference(value, sound, question))
}

/**
 * Judges an estimate of one model against a floor by its one-sided bounds: the lower 95 % bound reaches it and passes;
 * the upper 99 % bound is below it and fails, where `claimed` says that it also holds among all classes judged with it.
 */
export function decideFloor(value: number, bounds: Bounds | null, question: Question, claimed: boolean): Draft {
  const base = { ...facts(question), observed: finiteOrNull(value) }
  const sound = soundBounds(value, bounds, question)
  if (typeof sound === 'string') return unsettled(base, sound, `evaluate ${question.measure} again, with an interval`)
  const { lower95: low, upper99: high } = sound
  const withBounds = { ...base, low, high }
  const { limit } = question
  if (low >= limit) {
    const words = `${number(value)} (at least ${number(low)} with 95 % confidence) reaches ${number(limit)}`
    return { ...withBounds, verdict: 'pass', reason: `${question.measure}: ${words}` }
  }
  if (high < limit && claimed) {
    const words = `${number(value)} (at most ${number(high)} with 99 % confidence) is below ${number(limit)}`
    return { ...withBounds, verdict: 'fail', reason: `${question.measure}: ${words}` }
  }
  const open = `${number(value)}, somewhere from ${number(low)} to ${number(high)}, leaves open whether it is at least ${number(limit)}`
  return unsettled(withBounds, open, settleBy({ value, low, high }, question))
}

/** Bounds that hold their value, or why they settle nothing. */
function soundBounds(value: number, bounds: Bounds | null, question: Question): Bounds | string {
  if (!Number.isFinite(value)) return 'no number was measured'
  if (isImpossible(value, question)) return `${number(value)} cannot be`
  if (!bounds || !Number.isFinite(bounds.lower95) || !Number.isFinite(bounds.upper99))
    return `${number(value)} has no interval`
  const { lower95, upper99 } = bounds
  if (lower95 > value || value > upper99)
    return `its bounds ${number(lower95)} and ${number(upper99)} do not hold ${number(value)}`
  return bounds
}

/** What would settle an open difference: more units if the value stays, or a margin that the data can resolve. */
function settleDifference(value: number, { lower95, upper99 }: Bounds, question: Question): string {
  const { limit, units, unitName = 'unit' } = question
  const toPass = settleBy({ value, low: lower95, high: upper99 }, question)
  // For equal models to pass in four of five cases, the margin must be (1.645 + 0.842) standard errors.
  const resolved = (2.486 * (value - lower95)) / 1.645
  if (limit >= 0 || !units || resolved <= -limit) return toPass
  const needed = Math.ceil(units * (resolved / -limit) ** 2)
  return `${toPass}; ${units} ${unitName}s resolve a margin of ${number(resolved)} (equal models pass in 80 % of cases), a margin of ${number(-limit)} needs about ${needed}`
}

function sideOf(low: number, high: number, { limit, direction }: Question): VerdictLine['verdict'] {
  if (direction === 'at least') return low > limit ? 'pass' : high < limit ? 'fail' : 'inconclusive'
  return high < limit ? 'pass' : low > limit ? 'fail' : 'inconclusive'
}

/** How many units would put the limit outside the interval if the estimate stayed: its width shrinks with their root. */
function settleBy({ value, low, high }: Observed, question: Question): string {
  const { units, unitName = 'unit', limit } = question
  const distance = Math.abs(value - limit)
  const reach = value > limit ? value - (low ?? value) : (high ?? value) - value
  if (!units || !(distance > 0) || !(reach > 0)) return 'no more data settles a value at the limit itself: improve it'
  const needed = Math.ceil(units * (reach / distance) ** 2) + 1
  if (needed > 1000 * units) return `the value is too near the limit for any practical number of ${unitName}s`
  return `about ${needed} ${unitName}s instead of ${units} would settle it, if the value stays`
}

/** An inconclusive line; `what` is said of the measure, `settle` is what would settle it. */
export function unsettled(base: Omit<Draft, 'verdict' | 'reason'>, what: string, settle: string): Draft {
  return { ...base, verdict: 'inconclusive', reason: `${base.measure}: ${what}`, settle }
}

export function facts(question: Question): Pick<Draft, 'measure' | 'unit' | 'limit' | 'direction'> {
  return {
    measure: question.measure,
    unit: question.unit,
    limit: finiteOrNull(question.limit),
    direction: question.direction,
  }
}

/** AP and shares are from 0 to 1 and differ by 1 at most; a larger number was written by hand or by mistake. */
function isImpossible(value: number, { unit, range }: Question): boolean {
  if (range) return value < range[0] || value > range[1]
  return (unit === 'AP' || unit === 'share') && Math.abs(value) > 1
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** At most three decimals, a real minus sign, no trailing zeros: what a verdict's sentences use. */
export function number(value: number): string {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toFixed(3))
  return String(rounded === 0 ? 0 : rounded).replace('-', '−')
}

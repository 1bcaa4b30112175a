import type { VerdictLine } from '../documents/verdict.ts'
import type { Draft } from './gate-kind.ts'

export type Observed = { value: number; low?: number; high?: number }
type Question = {
  /** What was measured, as the verdict names it. */
  measure: string
  unit: string
  limit: number
  direction: 'at least' | 'at most'
  /** Independent units behind the interval, and what they are called. */
  units?: number
  unitName?: string
}

/** Judges one number that has no error of its own, e.g. a count; the limit itself passes. */
export function decidePoint(value: number, question: Question): Draft {
  const base = { ...facts(question), observed: finiteOrNull(value) }
  if (!Number.isFinite(value)) return unsettled(base, 'no number was measured', `measure ${question.measure} again`)
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

function sideOf(low: number, high: number, { limit, direction }: Question): VerdictLine['verdict'] {
  if (direction === 'at least') return low > limit ? 'pass' : high < limit ? 'fail' : 'inconclusive'
  return high < limit ? 'pass' : low > limit ? 'fail' : 'inconclusive'
}

/** How many units would put the limit outside the interval if the estimate stayed: its width shrinks with their root. */
export function settleBy({ value, low, high }: Observed, question: Question): string {
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

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** At most three decimals, a real minus sign, no trailing zeros: what a verdict's sentences use. */
export function number(value: number): string {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toFixed(3))
  return String(rounded === 0 ? 0 : rounded).replace('-', '−')
}

import { studentQuantile } from '../stats/distributions.ts'
import { slowdownMargin } from './latency-ratio.ts'

/** Runs that are made before the first look, and never fewer at the second. */
export const firstRuns = 10
const leastRuns = 40
/** Past this a noisy machine is the thing to change, not the number of runs. */
const mostRuns = 80

/** What a measurement is planned to find: this slowdown, with this chance. */
const soughtSlowdown = 1.05
const soughtPower = 0.9

/**
 * Runs an arm that find a slowdown of 5 % with a power of 0.9, from the spread of pairs that were measured: Stein's second
 * stage for the bound that claims a slowdown, whose level the planned looks share. Student's quantiles pay for a spread
 * that few pairs estimate, π / 3 for ranks in place of a mean. The spread is Gini's mean difference, which one disturbed
 * run moves less than a standard deviation; it says nothing of the ratio, so that planning by it is no further look.
 * Null where there are too few pairs to tell a spread.
 */
export function runsToFind(logs: readonly number[], looks: number): number | null {
  if (logs.length < 4) return null
  const freedom = logs.length - 1
  const quantiles = studentQuantile(1 - 0.01 / looks, freedom) + studentQuantile(soughtPower, freedom)
  const effect = Math.log(soughtSlowdown / slowdownMargin)
  return Math.ceil(((quantiles * spread(logs)) / effect) ** 2 * (Math.PI / 3))
}

/** Runs an arm at the second look, for whichever of the measures that are still open asks for most. */
export function secondLook(needs: readonly (number | null)[], first = firstRuns): number {
  const wanted = Math.max(...needs.map((runs) => runs ?? 0))
  const times = first / firstRuns
  return Math.min(Math.max(wanted, Math.round(leastRuns * times)), Math.round(mostRuns * times))
}

/** Standard deviation by Gini's mean difference, as it is for a normal spread. */
function spread(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const n = sorted.length
  const sum = sorted.reduce((total, value, i) => total + (2 * i - n + 1) * value, 0)
  return ((2 * sum) / (n * (n - 1))) * (Math.sqrt(Math.PI) / 2)
}

import { sequentialBounds, type Tallied } from '../stats/sequential.ts'
import type { Rules } from './rules.ts'
import { type PairCounters, shareBins, slowerThan } from './tally.ts'

/** One measure of harm: paired, bounded in [0, 1], with the limit its mean may not pass. */
type Measure = {
  name: string
  /** What the value is, for people. */
  what: string
  observed: Tallied
  limit: number
  /** Turns values back into the unit in which people think. */
  shown: (value: number) => number
}
export type Judged = {
  measure: string
  what: string
  n: number
  value: number
  low: number
  high: number
  limit: number
  judged: 'harm' | 'safe' | 'open'
}

const same = (value: number) => value

function measuresOf(pairs: PairCounters, rules: Rules, expected: number | null): Measure[] {
  const { margins } = rules
  const speed = slowerThan(pairs, margins.latency)
  return [
    {
      name: 'lost',
      what: "share of the champion's confident boxes that the challenger has no box for",
      observed: pairs.lostShare.map((count, bin) => ({ value: bin / shareBins, count })),
      limit: Math.min(0.95, (expected ?? 0) + margins.lost),
      shown: same,
    },
    {
      name: 'failures',
      what: 'share of requests that only the challenger fails, less those that only the champion fails',
      // From -1, 0, 1 to [0, 1].
      observed: [
        { value: 0, count: pairs.championFailed },
        { value: 0.5, count: pairs.sameFate },
        { value: 1, count: pairs.challengerFailed },
      ],
      limit: (1 + margins.failures) / 2,
      shown: (value) => 2 * value - 1,
    },
    {
      // A median above the ratio is the same as more than half of the pairs above it.
      name: 'latency',
      what: `share of pairs in which the challenger took more than ${margins.latency} times the processor time`,
      observed: [
        { value: 1, count: speed.slower },
        { value: 0, count: speed.not },
      ],
      limit: 0.5,
      shown: same,
    },
    {
      name: 'flood',
      what: "share of frames with over three times the champion's confident boxes and five more",
      observed: [
        { value: 1, count: pairs.flooded },
        { value: 0, count: pairs.calm },
      ],
      limit: margins.flood,
      shown: same,
    },
  ]
}

/**
 * Judges all measures of one stretch of evidence. `window` counts the stretches from 1: the i-th spends 6/(π² i²) of
 * alpha, shared by the measures, so that all false rollbacks of a rollout together stay below alpha. Passing needs every
 * measure below its limit at every step, so one that is truly harmful must be misjudged itself: alpha is not shared there.
 */
export function judge(pairs: PairCounters, rules: Rules, expected: number | null, window: number): Judged[] {
  const measures = measuresOf(pairs, rules, expected)
  const harm = (rules.alpha * 6) / (Math.PI ** 2 * window ** 2) / measures.length
  return measures.map(({ name, what, observed, limit, shown }) => {
    const { n, mean, low, high } = sequentialBounds(observed, { low: harm, high: rules.alpha })
    return {
      measure: name,
      what,
      n,
      value: n > 0 ? shown(mean) : 0,
      low: shown(low),
      high: shown(high),
      limit: shown(limit),
      judged: low > limit ? 'harm' : high < limit ? 'safe' : 'open',
    }
  })
}

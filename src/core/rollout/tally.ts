import type { FrameAgreement } from './agreement.ts'

/** Upper edges of the latency histogram, milliseconds; the last bucket is open. */
export const latencyEdgesMs = [1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000]

/** Shares are kept in sixtieths: exact for 1 to 6, 10, 12, 15, 20, 30 and 60 boxes, within 1/120 otherwise. */
export const shareBins = 60
/** Ratios are kept in 1/32 octaves from 1/16 to 16: one step is 2.2 %. */
const binsPerOctave = 32
const octaves = 4

/** What one model did, counted since the server took it. */
export type ArmCounters = {
  /** Requests whose answer came from this arm. */
  answered: number
  /** Copies it was given beside the arm that answered. */
  copies: number
  /** Copies that were not given to it because its queue was full. */
  dropped: number
  /** Crashes, timeouts, exceptions, numbers that are not finite. */
  errors: number
  restarts: number
  /** Milliseconds of the model process (decode to boxes), counts below each of latencyEdgesMs, then above. */
  latencyMs: number[]
  latencySumMs: number
}

/** What both models did on the same requests; only counts, so that order and replays do not matter. */
export type PairCounters = {
  /** Requests that both arms were given. */
  pairs: number
  /** Pairs in which only the champion failed, neither or both, only the challenger. */
  championFailed: number
  sameFate: number
  challengerFailed: number
  /** Frames with a confident champion box, by share of those boxes that the challenger lost (shareBins + 1 bins). */
  lostShare: number[]
  /** Frames answered by both that the challenger flooded: more than 3 boxes for each of the champion's, and 5 more. */
  calm: number
  flooded: number
  /** Pairs by challenger's over champion's milliseconds of processor time, in 1/32 octaves. */
  latencyRatio: number[]
  championBoxes: number
  challengerBoxes: number
  gained: number
  kept: number
  confidenceShift: number
  overlap: number
}

/** What a router says of itself; counters only grow while `epoch` stays the same. */
export type RouterStatus = {
  /** Changes when the counters start again: a new server, another champion or challenger. */
  epoch: string
  model: string
  champion: ArmIdentity
  challenger: ArmIdentity | null
  /** Share of requests that the challenger answers, 0 to 1. */
  weight: number
  /** Whether the arm that does not answer gets a copy. */
  shadow: boolean
  arms: { champion: ArmCounters; challenger: ArmCounters }
  pairs: PairCounters
}
export type ArmIdentity = { version: string; artifact: string; state: 'starting' | 'ready' | 'down' | 'failed' }

export function emptyArm(): ArmCounters {
  return {
    answered: 0,
    copies: 0,
    dropped: 0,
    errors: 0,
    restarts: 0,
    latencyMs: new Array(latencyEdgesMs.length + 1).fill(0),
    latencySumMs: 0,
  }
}

export function emptyPairs(): PairCounters {
  return {
    pairs: 0,
    championFailed: 0,
    sameFate: 0,
    challengerFailed: 0,
    lostShare: new Array(shareBins + 1).fill(0),
    calm: 0,
    flooded: 0,
    latencyRatio: new Array(2 * octaves * binsPerOctave).fill(0),
    championBoxes: 0,
    challengerBoxes: 0,
    gained: 0,
    kept: 0,
    confidenceShift: 0,
    overlap: 0,
  }
}

/** Counts one latency, milliseconds. */
export function countLatency(arm: ArmCounters, ms: number): void {
  const bucket = latencyEdgesMs.findIndex((edge) => ms <= edge)
  arm.latencyMs[bucket < 0 ? latencyEdgesMs.length : bucket]!++
  arm.latencySumMs += ms
}

/** Counts a request that both arms were given; milliseconds null where an arm failed, frame null unless both answered. */
export function countPair(
  pairs: PairCounters,
  championMs: number | null,
  challengerMs: number | null,
  frame: FrameAgreement | null,
): void {
  pairs.pairs++
  if (championMs === null && challengerMs !== null) pairs.championFailed++
  else if (championMs !== null && challengerMs === null) pairs.challengerFailed++
  else pairs.sameFate++
  if (championMs === null || challengerMs === null || !frame) return
  pairs.latencyRatio[ratioBin(challengerMs / Math.max(championMs, 1e-3))]!++
  if (frame.championConfident > 0) {
    pairs.lostShare[Math.round((frame.lost / frame.championConfident) * shareBins)]!++
  }
  if (frame.challengerConfident > 3 * frame.championConfident + 5) pairs.flooded++
  else pairs.calm++
  pairs.championBoxes += frame.championConfident
  pairs.challengerBoxes += frame.challengerConfident
  pairs.gained += frame.gained
  pairs.kept += frame.kept
  pairs.confidenceShift += frame.confidenceShift
  pairs.overlap += frame.overlap
}

function ratioBin(ratio: number): number {
  const bin = Math.floor((Math.log2(ratio) + octaves) * binsPerOctave)
  return Math.min(2 * octaves * binsPerOctave - 1, Math.max(0, bin))
}

/** How many pairs were slower than `limit` times the champion, to the next 1/32 octave, and how many were not. */
export function slowerThan(pairs: PairCounters, limit: number): { slower: number; not: number } {
  const first = Math.ceil((Math.log2(limit) + octaves) * binsPerOctave)
  let slower = 0
  let not = 0
  for (const [bin, count] of pairs.latencyRatio.entries()) {
    if (bin >= first) slower += count
    else not += count
  }
  return { slower, not }
}

/** Counts since an earlier look; null when a counter went backwards or the shape is not ours. */
export function since(now: PairCounters, before: PairCounters): PairCounters | null {
  const difference = emptyPairs()
  for (const key of Object.keys(difference) as (keyof PairCounters)[]) {
    const a = now[key]
    const b = before[key]
    if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) return null
      const counts = a.map((value, i) => value - (b[i] as number))
      if (counts.some((value) => !(value >= 0))) return null
      Object.assign(difference, { [key]: counts })
    } else {
      const value = (a as number) - (b as number)
      if (!Number.isFinite(value) || (value < 0 && key !== 'confidenceShift')) return null
      Object.assign(difference, { [key]: value })
    }
  }
  return difference
}

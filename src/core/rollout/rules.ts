import type { GatePolicyBody } from '../documents/declared.ts'
import { nearest } from '../documents/suggest.ts'
import { UsageError } from '../errors.ts'

/** What a rollout needs to see, with every default filled in. */
export type Rules = {
  /** Probability of rolling back a challenger that is within all limits, over the whole rollout; and, apart from it, of
   * letting one through that is not. */
  alpha: number
  /** Weights of the canary steps, rising, below 1; after the last one the challenger is promoted. */
  weights: number[]
  shadow: { minimumRequests: number; minimumSeconds: number }
  canary: { minimumRequests: number; minimumSeconds: number }
  /** A step that is still undecided after this much pauses. */
  maximumRequests: number
  maximumSeconds: number
  /** Looks in a row without data before a step pauses. */
  maximumMissed: number
  margins: Margins
}

type Margins = {
  /** Mean share of the champion's confident boxes, a frame, that may be lost beyond what the release expects. */
  lost: number
  /** Requests that only the challenger fails, less those that only the champion fails, as a share. */
  failures: number
  /** Median of challenger's over champion's processor time on the same request. */
  latency: number
  /** Share of frames on which the challenger floods the champion's boxes. */
  flood: number
}

const defaultMargins: Margins = { lost: 0.15, failures: 0.05, latency: 1.5, flood: 0.25 }
const within: Record<keyof Margins, [number, number]> = {
  lost: [0.001, 0.9],
  failures: [0.001, 0.9],
  latency: [1, 15],
  flood: [0.001, 0.9],
}

/** A policy's rollout as rules; UsageError names a margin that is unknown or out of range. */
export function rolloutRules(policy: GatePolicyBody['rollout'], file = 'gates/rollout.yaml'): Rules {
  const margins = { ...defaultMargins }
  for (const [key, value] of Object.entries(policy?.margins ?? {})) {
    if (!Object.hasOwn(defaultMargins, key)) {
      const hint = nearest(key, Object.keys(defaultMargins))
      throw new UsageError(`there is no rollout margin "${key}"${hint ? `; did you mean "${hint}"?` : ''}`, {
        where: file,
      })
    }
    const [low, high] = within[key as keyof Margins]
    if (!(value >= low && value <= high)) {
      throw new UsageError(`rollout margin ${key} ${value} is not from ${low} to ${high}`, { where: file })
    }
    margins[key as keyof Margins] = value
  }
  const alpha = policy?.alpha ?? 0.05
  if (!(alpha > 0 && alpha <= 0.5)) throw new UsageError(`rollout alpha ${alpha} is not in (0, 0.5]`, { where: file })
  const steps = policy?.steps ?? [0.05, 0.25, 1]
  if (steps.some((step, i) => step <= (steps[i - 1] ?? 0) || step > 1)) {
    throw new UsageError('rollout steps must rise, from above 0 to 1', { where: file })
  }
  const shadow = policy?.shadow ?? { minimumRequests: 200, minimumSeconds: 300 }
  const minimumRequests = policy?.minimumRequests ?? 200
  return {
    alpha,
    weights: steps.filter((step) => step < 1),
    shadow,
    canary: { minimumRequests, minimumSeconds: policy?.minimumSeconds ?? shadow.minimumSeconds },
    maximumRequests: policy?.maximumRequests ?? 50 * Math.max(minimumRequests, shadow.minimumRequests, 20),
    maximumSeconds: policy?.maximumSeconds ?? Math.max(86_400, 10 * shadow.minimumSeconds),
    maximumMissed: 4,
    margins,
  }
}

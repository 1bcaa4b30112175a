import type { Serving } from '../../ports.ts'
import type { ModelSource } from './arm.ts'
import { record, refuse } from './protocol.ts'
import { readSource } from './source.ts'

/** POST /sluice/weights: {challenger: 0..1, shadow?: boolean, leaseSeconds?: seconds}. */
export function readWeights(body: unknown): { challenger: number; shadow: boolean; leaseSeconds: number | null } {
  const { challenger, shadow = true, leaseSeconds = null } = record(body, 'the body')
  if (typeof challenger !== 'number' || !(challenger >= 0 && challenger <= 1))
    refuse('challenger must be a number from 0 to 1')
  if (typeof shadow !== 'boolean') refuse('shadow must be true or false')
  if (leaseSeconds !== null && !(typeof leaseSeconds === 'number' && leaseSeconds > 0 && leaseSeconds <= 86_400)) {
    refuse('leaseSeconds must be a number of seconds up to a day')
  }
  return { challenger: challenger as number, shadow: shadow as boolean, leaseSeconds: leaseSeconds as number | null }
}

/** POST /sluice/challenger: {artifact: file, manifest?: file}, or {artifact: null} to take it away; without a manifest it is served as `serving` says. */
export function readChallenger(body: unknown, serving: Serving): ModelSource | null {
  const { artifact, manifest } = record(body, 'the body')
  if (artifact === null) return null
  if (typeof artifact !== 'string' || artifact === '') refuse('artifact must name a file, or be null')
  if (manifest !== undefined && typeof manifest !== 'string') refuse('manifest must name a file')
  try {
    return readSource(artifact as string, manifest as string | undefined, serving)
  } catch (error) {
    return refuse((error as Error).message)
  }
}

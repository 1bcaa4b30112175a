import { UsageError } from '../core/errors.ts'
import type { InferenceClient } from '../ports.ts'

export type TrafficResult = {
  sent: number
  answered: { champion: number; challenger: number }
  /** Requests that the client saw fail, with the first message. */
  failed: number
  firstFailure: string | null
}

const limits = { requests: 1_000_000, concurrency: 64 }

/** Sends the images in turn, `concurrency` at a time, until `requests` are sent or the signal stops it; never throws for a failed request. */
export async function sendTraffic(
  client: InferenceClient,
  input: {
    images: readonly Uint8Array[]
    requests: number
    concurrency?: number
    /** Request ids are `${prefix}-${number}`: the same ids fall to the same arms. */
    prefix?: string
    signal?: AbortSignal
    onAnswer?: (sent: number) => void
  },
): Promise<TrafficResult> {
  const { images, requests, concurrency = 4, prefix = 'traffic', signal, onAnswer } = input
  if (images.length === 0) throw new UsageError('there is no image to send')
  within('requests', requests, limits.requests)
  within('concurrency', concurrency, limits.concurrency)
  const result: TrafficResult = { sent: 0, answered: { champion: 0, challenger: 0 }, failed: 0, firstFailure: null }
  let next = 0
  const worker = async () => {
    while (next < requests && !signal?.aborted) {
      const number = next++
      try {
        const { arm } = await client.infer(images[number % images.length] as Uint8Array, `${prefix}-${number}`, signal)
        result.answered[arm === 'challenger' ? 'challenger' : 'champion']++
      } catch (error) {
        if (signal?.aborted) return
        result.failed++
        result.firstFailure ??= (error as Error).message
      }
      // An optional call that is not made does not evaluate its argument either.
      result.sent++
      onAnswer?.(result.sent)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, worker))
  return result
}

function within(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new UsageError(`${what} must be a whole number from 1 to ${most}, not ${value}`)
}

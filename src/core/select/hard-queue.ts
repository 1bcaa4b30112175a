import type { HardNegativesBody, MistakeCause } from '../documents/hard-negatives.ts'

export type HardQueue = {
  format: 'sluice-label-queue'
  version: 1
  /** Id of the HardNegatives document that it was drawn from. */
  of: string
  /** Images to look at, the first first. */
  items: {
    image: string
    /** 0 to 1, the highest of its boxes. */
    priority: number
    reason: string
    /** x, y, width, height in pixels. */
    boxes: { className: string; box: number[]; role: 'predicted' | 'labelled'; cause: MistakeCause; score?: number }[]
  }[]
}

/** Images with listed mistakes, one entry each, for people to look at: suspected label errors before all else. */
export function hardQueue(body: HardNegativesBody, id: string): HardQueue {
  const byImage = Map.groupBy(body.items, ({ image }) => image)
  const items = [...byImage].map(([image, mistakes]) => ({
    image,
    priority: Math.max(...mistakes.map(({ priority }) => priority)),
    reason: [...new Set(mistakes.map(({ cause, why }) => `${cause}: ${why}`))].join('; '),
    boxes: mistakes.flatMap(({ cause, predicted, truth }) => [
      ...(predicted ? [{ ...predicted, role: 'predicted' as const, cause }] : []),
      ...(truth ? [{ ...truth, role: 'labelled' as const, cause }] : []),
    ]),
    suspect: mistakes.some(({ cause }) => cause === 'label-error') ? 1 : 0,
  }))
  items.sort((a, b) => b.suspect - a.suspect || b.priority - a.priority || (a.image < b.image ? -1 : 1))
  return { format: 'sluice-label-queue', version: 1, of: id, items: items.map(({ suspect: _, ...item }) => item) }
}

import type { Matching } from './coco-match.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from './weighted-ap.ts'

/** A way to group images, e.g. by camera: the value of every image, null where it is unknown. */
export type Slicing = { slice: string; values: (string | null)[] }
export type SliceScore = {
  slice: string
  value: string
  images: number
  /** Labelled objects that count, and scenes of these images. */
  boxes: number
  scenes: number
  map: number
  map50: number
  /** Less than the least support: the number is mostly chance. */
  tooFew?: true
}

/** Fewer images, boxes or scenes than this decide nothing about a slice. */
export const leastSupport = { images: 10, boxes: 30, scenes: 5 }
/** A score a scene costs as much as one of all; the largest come first. */
const mostScenes = 50

/** The scenes with enough images to have a score of their own, the largest where they are many; nothing without any. */
export function sceneSlicing(
  scenes: readonly string[],
  known: readonly Slicing[] = [],
): { slicings: Slicing[]; notes: string[] } {
  const images = new Map<string, number>()
  for (const scene of scenes) images.set(scene, (images.get(scene) ?? 0) + 1)
  const large = [...images].filter(([, count]) => count >= leastSupport.images)
  // Where a video is a scene, its scores are listed already.
  const listed = known.some(({ values }) => values.every((value, image) => value === scenes[image]))
  if (large.length === 0 || images.size < 2 || listed) return { slicings: [], notes: [] }
  const kept = large.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, mostScenes)
  const named = new Set(kept.map(([scene]) => scene))
  return {
    slicings: [{ slice: 'scene', values: scenes.map((scene) => (named.has(scene) ? scene : null)) }],
    notes:
      kept.length < large.length
        ? [
            `Scores by scene are of the ${mostScenes} largest of ${large.length} scenes with ${leastSupport.images} images.`,
          ]
        : [],
  }
}

/**
 * Mean AP of every group of images on its own, groups by name; -1 where a group has no ground truth. One of too little
 * support is marked; a scene is one scene, so that its images and boxes alone count.
 */
export function scoreSlices(
  truth: TruthColumns,
  detections: DetectionColumns,
  matching: Matching,
  slicings: readonly Slicing[],
  scenes: readonly string[],
): SliceScore[] {
  const input = prepareWeighted(truth, detections, matching)
  const perClass = new Float64Array(truth.classCount)
  const score = (weights: Uint8Array, thresholds: number) => {
    weightedAp(input, weights, thresholds, perClass)
    return meanOfPresent(perClass)
  }
  return slicings.flatMap(({ slice, values }) =>
    [...new Set(values)]
      .filter((value) => value !== null)
      .sort()
      .map((value) => {
        const weights = Uint8Array.from({ length: truth.imageCount }, (_, image) => (values[image] === value ? 1 : 0))
        const images = weights.reduce((sum, weight) => sum + weight, 0)
        const support = { images, boxes: boxesOf(truth, weights), scenes: scenesOf(scenes, weights) }
        const scored = { slice, value, ...support, map: score(weights, 10), map50: score(weights, 1) }
        return isTooFew(slice, support) ? { ...scored, tooFew: true as const } : scored
      }),
  )
}

function isTooFew(slice: string, { images, boxes, scenes }: Pick<SliceScore, 'images' | 'boxes' | 'scenes'>): boolean {
  const fewScenes = slice !== 'scene' && scenes < leastSupport.scenes
  return images < leastSupport.images || boxes < leastSupport.boxes || fewScenes
}

function boxesOf(truth: TruthColumns, weights: Uint8Array): number {
  let boxes = 0
  for (let row = 0; row < truth.count; row++) if (!truth.crowd[row] && weights[truth.image[row]!]) boxes++
  return boxes
}

function scenesOf(scenes: readonly string[], weights: Uint8Array): number {
  return new Set(scenes.filter((_, image) => weights[image])).size
}

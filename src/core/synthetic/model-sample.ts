import type { Dataset, Split } from '../dataset/model.ts'
import { sha256 } from '../documents/define.ts'

/**
 * At most `most` images of a split, chosen by a hash of their names, one of each scene before a second of any: gates count
 * scenes, not images. The others are put into no split.
 */
export function spreadOverScenes(dataset: Dataset, split: Exclude<Split, 'none'>, most: number, seed: string) {
  const own = dataset.images.flatMap((image, index) => (image.split === split ? { image, index } : []))
  const hashed = own.map(({ image, index }) => {
    const scene = image.provenance?.scene ?? image.provenance?.video ?? image.name
    return { index, scene, hash: sha256(`${seed}/${image.name}`), turn: 0 }
  })
  hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const seen = new Map<string, number>()
  for (const one of hashed) {
    one.turn = seen.get(one.scene) ?? 0
    seen.set(one.scene, one.turn + 1)
  }
  const chosen = hashed.sort((a, b) => a.turn - b.turn || (a.hash < b.hash ? -1 : 1)).slice(0, most)
  const kept = new Set(chosen.map(({ index }) => index))
  const images = dataset.images.map((image, index) =>
    image.split === split && !kept.has(index) ? { ...image, split: 'none' as const } : image,
  )
  return {
    dataset: { ...dataset, images },
    images: chosen.length,
    of: own.length,
    scenes: new Set(chosen.map(({ scene }) => scene)).size,
  }
}

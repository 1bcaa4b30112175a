import { type Dataset, rowStarts } from '../dataset/model.ts'
import { seededRandom } from '../stats/random.ts'

/**
 * Indexes of a handful of images for a smoke train, sorted by name: of the train split, without a defect, each with
 * a box. Greedy: the next image adds most to what the handful has least of, classes and cameras alike, so that every
 * class comes more than once if the data allow. Ties are broken by a seeded shuffle: same data, same seed, same handful.
 */
export function smokeHandful(dataset: Dataset, count: number, seed: number): number[] {
  const start = rowStarts(dataset)
  const defective = new Set(dataset.defects.map((defect) => defect.image))
  const byName = (a: number, b: number) => (nameOf(dataset, a) < nameOf(dataset, b) ? -1 : 1)
  const clean = dataset.images
    .map((_, index) => index)
    .filter((index) => {
      const image = dataset.images[index]!
      return (
        (image.split === 'train' || image.split === 'none') &&
        start[index + 1]! > start[index]! &&
        !defective.has(image.name)
      )
    })
  const left = seededRandom(seed).shuffle(clean.sort(byName))
  const seen = new Map<string, number>()
  const chosen: number[] = []
  while (chosen.length < count && left.length > 0) {
    const gains = left.map((index) => {
      const traits = traitsOf(dataset, index, start)
      // The small term prefers, among equals, the image with fewer kinds of things.
      return traits.reduce((sum, trait) => sum + 1 / (1 + (seen.get(trait) ?? 0)) ** 2, 0) + 1 / 8 / traits.length
    })
    const best = gains.indexOf(Math.max(...gains))
    const [index] = left.splice(best, 1)
    for (const trait of traitsOf(dataset, index!, start)) seen.set(trait, (seen.get(trait) ?? 0) + 1)
    chosen.push(index!)
  }
  return chosen.sort(byName)
}

function traitsOf(dataset: Dataset, index: number, start: Uint32Array): string[] {
  const classes = new Set(dataset.boxes.classId.subarray(start[index]!, start[index + 1]!))
  const camera = dataset.images[index]?.provenance?.camera
  return [...[...classes].map((id) => `class ${id}`), ...(camera ? [`camera ${camera}`] : [])]
}

function nameOf(dataset: Dataset, index: number): string {
  return dataset.images[index]!.name
}

/**
 * A permutation of n things that leaves none in its place (Sattolo’s single cycle), from a seed: which other image’s
 * labels each image gets in the shuffled control. n must be at least 2.
 */
export function derangement(n: number, seed: number): number[] {
  const random = seededRandom(`derangement ${seed}`)
  const order = Array.from({ length: n }, (_, index) => index)
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(i)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
  return order
}

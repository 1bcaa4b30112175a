import type { Dataset, Split } from '../dataset/model.ts'

/** Boxes and images of each class, in all splits or in one. */
export type ClassCounts = { boxes: Float64Array; images: Float64Array; imageCount: number; boxCount: number }

/** Counts of every split of a data set, kept as long as the data set: a dozen rules ask, and no data set is changed. */
const counted = new WeakMap<Dataset, Map<Split | undefined, ClassCounts>>()

export function classCounts(dataset: Dataset, split?: Split): ClassCounts {
  const kept = counted.get(dataset) ?? new Map<Split | undefined, ClassCounts>()
  counted.set(dataset, kept)
  const counts = kept.get(split) ?? countClasses(dataset, split)
  kept.set(split, counts)
  return counts
}

function countClasses(dataset: Dataset, split?: Split): ClassCounts {
  const { classId, image, count } = dataset.boxes
  const classes = Math.max(dataset.classes.length, highestClass(dataset) + 1)
  const wanted = Uint8Array.from(dataset.images, (known) => (split === undefined || known.split === split ? 1 : 0))
  const boxes = new Float64Array(classes)
  const images = new Float64Array(classes)
  const lastImage = new Int32Array(classes).fill(-1)
  let boxCount = 0
  for (let row = 0; row < count; row++) {
    const at = image[row] as number
    if (wanted[at] === 0) continue
    const id = classId[row] as number
    boxes[id]!++
    boxCount++
    // Rows come in image order, so that one memory a class tells a new image.
    if (lastImage[id] !== at) images[id]!++
    lastImage[id] = at
  }
  return { boxes, images, imageCount: wanted.reduce((sum, one) => sum + one, 0), boxCount }
}

function highestClass({ boxes }: Dataset): number {
  let highest = -1
  for (let row = 0; row < boxes.count; row++) {
    const id = boxes.classId[row] as number
    if (id > highest) highest = id
  }
  return highest
}

/** Entropy of counts over ln of the number of classes, in [0, 1]; 1 for a single class, 0 when there is nothing. */
export function normalisedEntropy(counts: ArrayLike<number>): number {
  const list = Array.from(counts)
  const total = list.reduce((a, b) => a + b, 0)
  if (total === 0) return 0
  if (list.length === 1) return 1
  const entropy = list.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0)
  return entropy / Math.log(list.length)
}

/** Largest over smallest count of the classes that occur; 1 when fewer than two do. */
export function imbalanceRatio(counts: ArrayLike<number>): number {
  const present = Array.from(counts).filter((n) => n > 0)
  return present.length < 2 ? 1 : Math.max(...present) / Math.min(...present)
}

import type { Dataset, Split } from '../dataset/model.ts'

/** Boxes and images of each class, in all splits or in one. */
export type ClassCounts = { boxes: Float64Array; images: Float64Array; imageCount: number; boxCount: number }

export function classCounts(dataset: Dataset, split?: Split): ClassCounts {
  const { classId, image, count } = dataset.boxes
  const classes = Math.max(dataset.classes.length, highestClass(dataset) + 1)
  const boxes = new Float64Array(classes)
  const images = new Float64Array(classes)
  const lastImage = new Int32Array(classes).fill(-1)
  let boxCount = 0
  for (let row = 0; row < count; row++) {
    const at = image[row] as number
    if (split !== undefined && dataset.images[at]?.split !== split) continue
    const id = classId[row] as number
    boxes[id]!++
    boxCount++
    // Rows come in image order, so that one memory a class tells a new image.
    if (lastImage[id] !== at) images[id]!++
    lastImage[id] = at
  }
  const imageCount =
    split === undefined ? dataset.images.length : dataset.images.filter((i) => i.split === split).length
  return { boxes, images, imageCount, boxCount }
}

function highestClass(dataset: Dataset): number {
  let highest = -1
  for (let row = 0; row < dataset.boxes.count; row++) highest = Math.max(highest, dataset.boxes.classId[row] as number)
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

/** Jensen–Shannon divergence of two distributions in bits: H(mean) − mean(H). */
export function jensenShannonBits(p: readonly number[], q: readonly number[]): number {
  const bits = (list: readonly number[]) => list.reduce((sum, v) => (v > 0 ? sum - v * Math.log2(v) : sum), 0)
  const mean = p.map((v, i) => (v + (q[i] ?? 0)) / 2)
  return Math.max(0, bits(mean) - (bits(p) + bits(q)) / 2)
}

/** Modified z-score of each value, 0.6745 (x − median) / MAD (Iglewicz and Hoaglin); MAD 0 falls back to the mean deviation. */
export function modifiedZ(values: readonly number[]): number[] {
  const middle = median(values)
  const deviations = values.map((v) => Math.abs(v - middle))
  const mad = median(deviations)
  const mean = deviations.reduce((a, b) => a + b, 0) / deviations.length
  const scale = mad > 0 ? mad / 0.6745 : 1.2533 * mean
  return values.map((v) => (scale > 0 ? (v - middle) / scale : 0))
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[at] as number) : ((sorted[at - 1] as number) + (sorted[at] as number)) / 2
}

import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

export type DetectionSetSize = { images: number; truths: number; detections: number; classes: number }

type Box = [x: number, y: number, w: number, h: number]
const [width, height] = [640, 480]

/** A COCO case as real dumps look: a few classes an image, class counts that fall as 1/rank, jittered hits of four
 * fifths of the truth, the rest false alarms; scores to five decimals, so that ties occur. */
export function detectionSet({ images, truths, detections, classes }: DetectionSetSize, seed: number) {
  const random = seededRandom(seed)
  const cumulative = falling(classes)
  const palettes = Array.from({ length: images }, () => [0, 1, 2, 3].map(() => pickClass(random, cumulative)))
  const annotations = Array.from({ length: truths }, (_, i) => {
    const image = Math.floor(images * random.next() ** 1.5)
    const box = randomBox(random, 3.9, 0.95)
    return {
      id: i + 1,
      image_id: image + 1,
      category_id: palettes[image]![weightedPlace(random)]! + 1,
      bbox: box,
      area: cents(box[2] * box[3] * random.uniform(0.45, 1)),
      iscrowd: random.next() < 0.01 ? 1 : 0,
    }
  })
  const near = Math.min(detections, Math.round(truths * 0.8))
  const results = Array.from({ length: detections }, (_, i) => {
    if (i < near) {
      const source = annotations[random.int(truths)]!
      const spread = Math.abs(random.normal(0, 0.1))
      const shift = source.bbox.map((value, k) => cents(value + random.normal(0, spread) * source.bbox[2 + (k % 2)]!))
      const box: Box = [shift[0]!, shift[1]!, Math.max(2, shift[2]!), Math.max(2, shift[3]!)]
      const category = random.next() < 0.93 ? source.category_id : pickClass(random, cumulative) + 1
      const score = Math.min(0.999, Math.max(0.001, 0.9 - 2 * spread + random.normal(0, 0.12)))
      return { image_id: source.image_id, category_id: category, bbox: box, score: fiveDigits(score) }
    }
    const image = random.int(images)
    const category = random.next() < 0.5 ? random.pick(palettes[image]!) : pickClass(random, cumulative)
    const score = fiveDigits(Math.max(0.001, random.next() ** 6))
    return { image_id: image + 1, category_id: category + 1, bbox: randomBox(random, 3.7, 1), score }
  })
  return {
    truth: {
      images: Array.from({ length: images }, (_, i) => ({ id: i + 1, width, height, file_name: `${i + 1}.jpg` })),
      categories: Array.from({ length: classes }, (_, i) => ({ id: i + 1, name: `class ${i}` })),
      annotations,
    },
    results: results.sort((a, b) => a.image_id - b.image_id || b.score - a.score),
  }
}

/** Cumulative shares of classes whose counts fall as 1/rank. */
function falling(classes: number): number[] {
  const shares = Array.from({ length: classes }, (_, i) => 1 / (i + 1))
  const sum = shares.reduce((total, share) => total + share, 0)
  let reached = 0
  return shares.map((share, i) => {
    reached += share / sum
    return i === classes - 1 ? 1 : reached
  })
}

function pickClass(random: Random, cumulative: number[]): number {
  const at = random.next()
  return cumulative.findIndex((share) => at < share)
}

function weightedPlace(random: Random): number {
  const at = random.next()
  return at < 0.6 ? 0 : at < 0.8 ? 1 : at < 0.92 ? 2 : 3
}

function randomBox(random: Random, mean: number, sd: number): Box {
  const side = Math.exp(random.normal(mean, sd))
  const aspect = Math.exp(random.normal(0, 0.5))
  const w = Math.min(width - 1, Math.max(3, side * aspect))
  const h = Math.min(height - 1, Math.max(3, side / aspect))
  return [cents(random.next() * (width - w)), cents(random.next() * (height - h)), cents(w), cents(h)]
}

const cents = (value: number) => Math.round(value * 100) / 100
const fiveDigits = (value: number) => Math.round(value * 1e5) / 1e5

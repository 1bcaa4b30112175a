import type { Matching } from './coco-match.ts'
import type { DetectionColumns } from './columns.ts'

export type Calibration = {
  /** Detections with a score of at least `floor`; those that count neither as hit nor as false alarm are left out. */
  detections: number
  floor: number
  iou: number
  /** Mean and largest gap between confidence and precision over the bins, weighted by detections. */
  ece: number
  mce: number
  bins: { low: number; high: number; detections: number; confidence: number; precision: number }[]
  /** Divisor of the logits that fits half of the images best, and the error on the other half without and with it. */
  temperature: { value: number; before: number; after: number } | null
}

const binCount = 10
const floor = 0.05
/** Fewer detections than this on a side fit or prove no temperature. */
const fewest = 50

/**
 * Whether a confidence of .8 is right four times in five: detection calibration error (Küppers et al. 2020) over ten
 * equal bins, hits being those of COCO's matching at IoU 0.5. Misses do not enter. `half` says by image on which side
 * it stands when the temperature (Guo et al. 2017) is fitted; whole scenes should be on one side.
 */
export function calibrate(
  matching: Matching,
  detections: DetectionColumns,
  half: (image: number) => 0 | 1,
): Calibration {
  const sides: { score: number; hit: boolean }[][] = [[], []]
  const { row, matched, ignored, ranges } = matching
  for (let position = 0; position < row.length; position++) {
    const at = position * ranges.length
    const score = detections.score[row[position]!]!
    if (score < floor || ignored[at]! & 1) continue
    sides[half(detections.image[row[position]!]!)]!.push({ score, hit: (matched[at]! & 1) === 1 })
  }
  const points = sides.flat()
  const bins = binsOf(points)
  return {
    detections: points.length,
    floor,
    iou: 0.5,
    ece: expectedError(bins, points.length),
    mce: Math.max(0, ...bins.map(gap)),
    bins,
    temperature: sides.some((side) => side.length < fewest) ? null : fitted(sides[0]!, sides[1]!),
  }
}

type Points = readonly { score: number; hit: boolean }[]
type Bin = Calibration['bins'][number]

/** Bins that hold something; a score of 1 is in the last. */
export function binsOf(points: Points): Bin[] {
  const sums = Array.from({ length: binCount }, () => ({ n: 0, score: 0, hits: 0 }))
  for (const { score, hit } of points) {
    const bin = sums[Math.min(binCount - 1, Math.floor(score * binCount))]!
    bin.n++
    bin.score += score
    bin.hits += hit ? 1 : 0
  }
  return sums.flatMap(({ n, score, hits }, i) =>
    n === 0
      ? []
      : [
          {
            low: i / binCount,
            high: (i + 1) / binCount,
            detections: n,
            confidence: score / n,
            precision: hits / n,
          },
        ],
  )
}

const gap = ({ confidence, precision }: Bin) => Math.abs(confidence - precision)

export function expectedError(bins: readonly Bin[], total: number): number {
  return total === 0 ? 0 : bins.reduce((sum, bin) => sum + (bin.detections / total) * gap(bin), 0)
}

function fitted(fit: Points, proof: Points): NonNullable<Calibration['temperature']> {
  const value = temperatureOf(fit)
  const cooled = proof.map(({ score, hit }) => ({ score: scaled(score, value), hit }))
  return {
    value,
    before: expectedError(binsOf(proof), proof.length),
    after: expectedError(binsOf(cooled), cooled.length),
  }
}

/** σ(logit(score) / temperature). */
export function scaled(score: number, temperature: number): number {
  return 1 / (1 + Math.exp(-logit(score) / temperature))
}

/**
 * The temperature of least negative log likelihood, from 1/20 to 20: the likelihood is concave in its inverse, so that
 * Newton's steps, halved into the bracket where they leave it, find it in a few passes over the points.
 */
export function temperatureOf(points: Points): number {
  const logits = Float64Array.from(points, ({ score }) => logit(score))
  let [low, high] = [1 / 20, 20]
  let inverse = 1
  for (let step = 0; step < 60; step++) {
    let slope = 0
    let bend = 0
    for (const [i, { hit }] of points.entries()) {
      const z = logits[i]!
      const p = 1 / (1 + Math.exp(-inverse * z))
      slope += z * ((hit ? 1 : 0) - p)
      bend += z * z * p * (1 - p)
    }
    if (slope > 0) low = inverse
    else high = inverse
    const next = inverse + slope / bend
    const inside = next > low && next < high ? next : (low + high) / 2
    if (Math.abs(inside - inverse) < 1e-12 * inverse) break
    inverse = inside
  }
  return 1 / inverse
}

function logit(score: number): number {
  const inside = Math.min(1 - 1e-7, Math.max(1e-7, score))
  return Math.log(inside / (1 - inside))
}

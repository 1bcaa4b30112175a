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

/** The temperature of least negative log likelihood, by golden section on its logarithm between 1/20 and 20. */
export function temperatureOf(points: Points): number {
  const loss = (log: number) => {
    const temperature = Math.exp(log)
    let sum = 0
    for (const { score, hit } of points) {
      const z = logit(score) / temperature
      // log(1 + exp(∓z)) without overflow.
      const signed = hit ? -z : z
      sum += Math.max(0, signed) + Math.log1p(Math.exp(-Math.abs(signed)))
    }
    return sum
  }
  const golden = (Math.sqrt(5) - 1) / 2
  let [a, b] = [-Math.log(20), Math.log(20)]
  let [c, d] = [b - golden * (b - a), a + golden * (b - a)]
  let [atC, atD] = [loss(c), loss(d)]
  while (b - a > 1e-9) {
    if (atC < atD) {
      ;[b, d, atD] = [d, c, atC]
      c = b - golden * (b - a)
      atC = loss(c)
    } else {
      ;[a, c, atC] = [c, d, atD]
      d = a + golden * (b - a)
      atD = loss(d)
    }
  }
  return Math.exp((a + b) / 2)
}

function logit(score: number): number {
  const inside = Math.min(1 - 1e-7, Math.max(1e-7, score))
  return Math.log(inside / (1 - inside))
}

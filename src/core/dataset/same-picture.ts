import { lookSide, shrinkPlane } from './look.ts'

/** How alike two pictures are: correlation of luminance, and where they differ most. */
export type Likeness = { correlation: number; worst: number }

// Half of lookSide: what different decoders and resampling filters do to the finest detail is averaged away.
const side = lookSide / 2
const windowSide = 4
const step = 2

/** An upright luminance plane of lookSide as it is compared. */
export function comparable(luma: Float32Array): Float32Array {
  const small = shrinkPlane({ samples: luma, stride: lookSide, width: lookSide, height: lookSide }, side)
  return smooth(smooth(small, 1), side)
}

/** Each value averaged with its two neighbours along one direction, 1 : 2 : 1; borders repeat. */
function smooth(plane: Float32Array, stride: number): Float32Array {
  return plane.map((value, i) => {
    const at = Math.floor(i / stride) % side
    const before = at > 0 ? (plane[i - stride] as number) : value
    const after = at < side - 1 ? (plane[i + stride] as number) : value
    return (before + 2 * value + after) / 4
  })
}

/**
 * Compares two planes made by `comparable`. `correlation` is the normalised cross-correlation, which a change of
 * brightness or contrast leaves at 1. `worst` is the largest root mean square of what is left of one picture after the
 * other was fitted to it (gain and offset), over windows of an eighth of the side, in standard deviations of the
 * pictures: a thing that is only in one of two frames of a fixed camera shows there and hardly in the correlation.
 */
export function likeness(a: Float32Array, b: Float32Array): Likeness {
  const n = a.length
  let [sumA, sumB] = [0, 0]
  for (let i = 0; i < n; i++) {
    sumA += a[i] as number
    sumB += b[i] as number
  }
  const [meanA, meanB] = [sumA / n, sumB / n]
  let [varA, varB, both] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB]
    varA += x * x
    varB += y * y
    both += x * y
  }
  if (varA === 0 || varB === 0) return { correlation: 0, worst: Number.POSITIVE_INFINITY }
  const [scaleA, scaleB] = [Math.sqrt(varA / n), Math.sqrt(varB / n)]
  const correlation = both / Math.sqrt(varA * varB)
  let worst = 0
  for (let y = 0; y + windowSide <= side; y += step) {
    for (let x = 0; x + windowSide <= side; x += step) {
      let squares = 0
      for (let j = y; j < y + windowSide; j++) {
        for (let i = j * side + x; i < j * side + x + windowSide; i++) {
          const left = ((a[i] as number) - meanA) / scaleA - (correlation * ((b[i] as number) - meanB)) / scaleB
          squares += left * left
        }
      }
      worst = Math.max(worst, Math.sqrt(squares) / windowSide)
    }
  }
  return { correlation, worst }
}

/**
 * Least correlation and largest local difference of two copies of one picture. Hard edges differ more after another
 * decoder and filter; then the whole must agree all the better. docs/leakage.md tells what was measured.
 */
const limits = [
  { correlation: 0.98, worst: 0.1 },
  { correlation: 0.9996, worst: 0.15 },
]

/** Whether two pictures are one, encoded or sized anew, and not two frames of a camera that saw almost the same. */
export function isCopy({ correlation, worst }: Likeness): boolean {
  return limits.some((limit) => correlation >= limit.correlation && worst <= limit.worst)
}

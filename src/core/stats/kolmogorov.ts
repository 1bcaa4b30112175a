import { pelzGood } from './pelz-good.ts'

/**
 * P(D ≥ d) of the two-sample statistic when both samples come from one continuous distribution, exactly: walks over all
 * lattice paths in O(n m), d as a multiple of 1/(n m). The chance of having left the band is carried itself, so that
 * small values keep their digits.
 */
export function ksExactP(d: number, n: number, m: number): number {
  const least = Math.round(d * n * m)
  if (least <= 0) return 1
  // left[j]: chance that a random path to (i, j) has touched |i/n − j/m| ≥ d.
  const left = new Float64Array(m + 1)
  for (let j = 0; j <= m; j++) left[j] = j * n >= least ? 1 : 0
  for (let i = 1; i <= n; i++) {
    if (i * m >= least) left[0] = 1
    for (let j = 1; j <= m; j++) {
      const gap = i * m - j * n
      if (gap >= least || -gap >= least) left[j] = 1
      else left[j] = (i * (left[j] as number) + j * (left[j - 1] as number)) / (i + j)
    }
  }
  return left[m] as number
}

/** P(D ≥ d) of the one-sample two-sided statistic with n observations (Simard and L'Ecuyer 2011, their division). */
export function kolmogorovTail(n: number, d: number): number {
  const t = n * d
  if (d >= 1) return 0
  if (t <= 0.5) return 1
  const spread = t * d
  if (d >= 0.5 || t >= n - 1 || (n <= 140 && spread > 4)) return clip(2 * smirnovTail(n, d))
  if (n > 140 && spread >= 370) return 0
  if (n > 140 && spread >= 2.2) return clip(2 * smirnovTail(n, d))
  if (n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return clip(1 - matrixCdf(n, d))
  return clip(1 - pelzGood(n, d))
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p))
}

/**
 * P(D⁺ ≥ x) with n observations: Birnbaum and Tingey's sum, each term a binomial chance in Loader's form. Of very many
 * terms every step-th is taken: they are a smooth function that vanishes with all its slopes at both ends, so that the
 * trapezoidal rule loses nothing.
 */
function smirnovTail(n: number, x: number): number {
  if (x <= 0) return 1
  if (x >= 1) return 0
  let sum = (1 - x) ** n
  const last = Math.floor(n * (1 - x))
  const step = n > 100_000 ? Math.floor(n / 20_000) : 1
  for (let j = step; j <= last; j += step) {
    const p = x + j / n
    if (p >= 1) break
    sum += step * (x / p) * binomialChance(j, n, n * x + j, n * (1 - x) - j)
  }
  return Math.min(1, sum)
}

/** Chance of j of n when `mean` are expected, `rest` = n − mean; right to the last digits for any n (Loader 2000). */
function binomialChance(j: number, n: number, mean: number, rest: number): number {
  if (j === 0) return (rest / n) ** n
  if (j === n) return (mean / n) ** n
  const exponent =
    stirlingError(n) - stirlingError(j) - stirlingError(n - j) - deviance(j, mean) - deviance(n - j, rest)
  return Math.sqrt(n / (2 * Math.PI * j * (n - j))) * Math.exp(exponent)
}

/** ln n! minus Stirling's approximation of it. */
function stirlingError(n: number): number {
  if (n < 16) {
    let logFactorial = 0
    for (let k = 2; k <= n; k++) logFactorial += Math.log(k)
    return n === 0 ? 0 : logFactorial - (n + 0.5) * Math.log(n) + n - 0.5 * Math.log(2 * Math.PI)
  }
  const square = n * n
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n
}

/** x ln(x / mean) + mean − x, without cancellation where both are close. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x
  const v = (x - mean) / (x + mean)
  let sum = (x - mean) * v
  let term = 2 * x * v
  for (let k = 1; k < 1000; k++) {
    term *= v * v
    const next = sum + term / (2 * k + 1)
    if (next === sum) break
    sum = next
  }
  return sum
}

/** P(D < d) with n observations by Durbin's matrix (Marsaglia, Tsang and Wang 2003). */
function matrixCdf(n: number, d: number): number {
  const k = Math.floor(n * d) + 1
  const size = 2 * k - 1
  const h = k - n * d
  const start = new Float64Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) start[i * size + j] = i - j + 1 < 0 ? 0 : 1
  for (let i = 0; i < size; i++) {
    start[i * size]! -= h ** (i + 1)
    start[(size - 1) * size + i]! -= h ** (size - i)
  }
  start[(size - 1) * size]! += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) for (let g = 2; g <= i - j + 1; g++) start[i * size + j]! /= g
  const { values, exponent } = matrixPower(start, size, n)
  let chance = values[(k - 1) * size + k - 1] as number
  let scale = exponent
  for (let i = 1; i <= n; i++) {
    chance = (chance * i) / n
    if (chance < 1e-140) {
      chance *= 1e140
      scale -= 140
    }
  }
  return chance * 10 ** scale
}

type Scaled = { values: Float64Array; exponent: number }
function matrixPower(start: Float64Array, size: number, n: number): Scaled {
  if (n === 1) return { values: start, exponent: 0 }
  const half = matrixPower(start, size, Math.floor(n / 2))
  let values = multiply(half.values, half.values, size)
  let exponent = 2 * half.exponent
  if (n % 2 === 1) values = multiply(start, values, size)
  const middle = Math.floor(size / 2)
  if ((values[middle * size + middle] as number) > 1e140) {
    values = values.map((value) => value * 1e-140)
    exponent += 140
  }
  return { values, exponent }
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] as number
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * (b[k * size + j] as number)
    }
  return product
}

import { logGamma } from './distributions.ts'

/** 1 − P(a, x), the upper regularised incomplete gamma function: its series below a + 1, Lentz's fraction above. */
function upperGamma(a: number, x: number): number {
  if (!(x > 0)) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let k = 1; k < 10_000 && term > sum * 1e-17; k++) {
      term *= x / (a + k)
      sum += term
    }
    return 1 - front * sum
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let fraction = d
  for (let k = 1; k < 10_000; k++) {
    const step = -k * (k - a)
    b += 2
    d = 1 / (step * d + b)
    c = b + step / c
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return front * fraction
}

/** P(χ² ≥ x) with `freedom` degrees of freedom. */
export function chiSquareTail(x: number, freedom: number): number {
  return upperGamma(freedom / 2, x / 2)
}

/** Pearson's chi-square of a table of counts against equal shares in every row; rows and columns of zeros count for nothing. */
export function chiSquareStatistic(table: readonly (readonly number[])[]): number {
  const rows = table.map((row) => row.reduce((a, b) => a + b, 0))
  const columns = (table[0] ?? []).map((_, j) => table.reduce((sum, row) => sum + (row[j] as number), 0))
  const all = rows.reduce((a, b) => a + b, 0)
  return table.reduce(
    (sum, row, i) =>
      row.reduce((inner, seen, j) => {
        const expected = ((rows[i] as number) * (columns[j] as number)) / all
        return expected > 0 ? inner + (seen - expected) ** 2 / expected : inner
      }, sum),
    0,
  )
}

export type ChiSquare = { statistic: number; freedom: number; p: number; merged: number }

/**
 * Homogeneity of two rows of counts, contingency form. Categories that expect fewer than `least` on a side are merged,
 * the rarest first; fewer than two left say nothing (p = 1). Counts must be of independent units: images, not boxes.
 */
export function chiSquareHomogeneity(a: readonly number[], b: readonly number[], least = 5): ChiSquare {
  const total = { a: sum(a), b: sum(b) }
  const all = total.a + total.b
  const share = Math.min(total.a, total.b) / all
  const cells = a
    .map((count, k) => ({ a: count, b: b[k] ?? 0 }))
    .filter((cell) => cell.a + cell.b > 0)
    .sort((one, two) => one.a + one.b - two.a - two.b)
  const before = cells.length
  while (cells.length > 1 && ((cells[0] as Cell).a + (cells[0] as Cell).b) * share < least) {
    const [first, second] = cells.splice(0, 2) as [Cell, Cell]
    cells.push({ a: first.a + second.a, b: first.b + second.b })
    cells.sort((one, two) => one.a + one.b - two.a - two.b)
  }
  const merged = before - cells.length
  if (cells.length < 2 || !(share > 0)) return { statistic: 0, freedom: 0, p: 1, merged }
  const statistic = chiSquareStatistic(cells.map((cell) => [cell.a, cell.b]))
  return { statistic, freedom: cells.length - 1, p: chiSquareTail(statistic, cells.length - 1), merged }
}
type Cell = { a: number; b: number }

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

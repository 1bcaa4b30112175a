/** Jensen and Shannon's distance of two histograms, base 2: the root of the divergence, 0 to 1. */
export function jsDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(jensenShannonBits(a, b))
}

/** Jensen–Shannon divergence of two histograms in bits, 0 to 1; NaN where one is empty. */
export function jensenShannonBits(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const bins = Math.max(a.length, b.length)
  let totalA = 0
  let totalB = 0
  for (let k = 0; k < bins; k++) {
    totalA += a[k] ?? 0
    totalB += b[k] ?? 0
  }
  if (!(totalA > 0 && totalB > 0)) return Number.NaN
  let divergence = 0
  for (let k = 0; k < bins; k++) {
    const p = (a[k] ?? 0) / totalA
    const q = (b[k] ?? 0) / totalB
    const middle = (p + q) / 2
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2
  }
  return Math.max(0, divergence)
}

/** Cohen's h: how far two shares are apart on the arcsine scale, where the same step is as hard to see anywhere. */
export function cohenH(before: number, after: number): number {
  return 2 * Math.asin(Math.sqrt(after)) - 2 * Math.asin(Math.sqrt(before))
}

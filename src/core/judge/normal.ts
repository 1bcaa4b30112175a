/** Standard normal distribution function; Φ(x) by the complementary error function (Numerical Recipes' rational fit, 1.2e-7). */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.5 * z)
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, coefficient) => coefficient + t * sum, 0)
  const tail = (t * Math.exp(-z * z + series)) / 2
  return x > 0 ? 1 - tail : tail
}

/** The x with Φ(x) = p, by bisection; p strictly between 0 and 1. */
export function normalQuantile(p: number): number {
  let low = -40
  let high = 40
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Which hypotheses Holm's step-down rejects at family-wise level alpha, in the order given (Holm 1979). */
export function holmRejects(pValues: readonly number[], alpha: number): boolean[] {
  const rejected = pValues.map(() => false)
  // What is no number rejects nothing.
  const known = pValues.map((p) => (p >= 0 ? p : 1))
  const order = known.map((_, i) => i).sort((a, b) => (known[a] as number) - (known[b] as number))
  for (const [rank, index] of order.entries()) {
    if (!((known[index] as number) <= alpha / (pValues.length - rank))) break
    rejected[index] = true
  }
  return rejected
}

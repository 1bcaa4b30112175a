/** Which hypotheses Holm's step-down rejects at family-wise level alpha, in the order given (Holm 1979). */
export function holmRejects(pValues: readonly number[], alpha: number): boolean[] {
  const rejected = pValues.map(() => false)
  const order = pValues.map((_, i) => i).sort((a, b) => (pValues[a] as number) - (pValues[b] as number))
  for (const [rank, index] of order.entries()) {
    if (!((pValues[index] as number) <= alpha / (pValues.length - rank))) break
    rejected[index] = true
  }
  return rejected
}

/** Observations in [0, 1] as counts: order does not matter to the tests below, so cumulative counters suffice. */
export type Tallied = { value: number; count: number }[]

export type SequentialBounds = { n: number; mean: number; low: number; high: number }

// Shares of the wealth that are staked, spread evenly on a log-odds scale: small stakes find small differences,
// large ones end clear cases early. The mixture pays at most the logarithm of their number, ln 33 = 3.5.
const stakes = Array.from({ length: 33 }, (_, i) => 1 / (1 + Math.exp(6.5 - (i * 11) / 32)))

/**
 * Log wealth of a gambler who bets that the mean is above `limit`: ln mean_θ Π (1 − θ + θ x / limit).
 * If the mean of each observation, given those before, is at most `limit`, this is the log of a test supermartingale, so
 * by Ville's inequality it ever reaches ln(1/α) with probability at most α: at any sample size, however often one looks.
 * (Betting martingale with a fixed mixture; after Waudby-Smith and Ramdas 2024, and Robbins' method of mixtures.)
 */
export function logWealthAbove(observed: Tallied, limit: number): number {
  if (!(limit > 0 && limit < 1)) throw new RangeError(`a limit of ${limit} is not inside (0, 1)`)
  const logs = stakes.map((stake) => {
    let sum = 0
    for (const { value, count } of observed) sum += count * Math.log1p(stake * (value / limit - 1))
    return sum
  })
  const most = Math.max(...logs)
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / stakes.length)
}

/** The same for a bet that the mean is below `limit`. */
export function logWealthBelow(observed: Tallied, limit: number): number {
  return logWealthAbove(mirrored(observed), 1 - limit)
}

/**
 * A confidence sequence for the mean: each bound holds at all times at once with probability 1 − alpha (one-sided), so it
 * may be read after every observation and acted upon. Without observations it is [0, 1].
 */
export function sequentialBounds(observed: Tallied, alpha: { low: number; high: number }): SequentialBounds {
  let n = 0
  let sum = 0
  for (const { value, count } of observed) {
    if (!(value >= 0 && value <= 1) || !(count >= 0))
      throw new RangeError(`${count} × ${value} is no observation in [0, 1]`)
    n += count
    sum += value * count
  }
  const mean = n > 0 ? sum / n : 0
  const seen = observed.filter(({ count }) => count > 0)
  return { n, mean, low: lowest(seen, alpha.low), high: 1 - lowest(mirrored(seen), alpha.high) }
}

/** The smallest mean that the data do not refute from above; the wealth falls as the mean rises, so bisection finds it. */
function lowest(observed: Tallied, alpha: number): number {
  const enough = Math.log(1 / alpha)
  let refuted = 0
  let possible = 1
  // The wealth may fall short at every mean: nothing is refuted then.
  for (let i = 0; i < 30; i++) {
    const middle = (refuted + possible) / 2
    if (logWealthAbove(observed, middle) >= enough) refuted = middle
    else possible = middle
  }
  return refuted
}

function mirrored(observed: Tallied): Tallied {
  return observed.map(({ value, count }) => ({ value: 1 - value, count }))
}

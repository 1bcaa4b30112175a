const pi2 = Math.PI ** 2
const rootTwoPi = Math.sqrt(2 * Math.PI)

/** P(D < d) with n observations by Pelz and Good's series (1976): Kolmogorov's limit and three corrections in 1/√n. */
export function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6]
  const terms = Math.ceil((16 * z) / Math.PI)
  let [k0, k1, k2, k3] = [0, 0, 0, 0]
  for (let k = terms; k > 0; k--) {
    const m2 = (2 * k - 1) ** 2
    const weight = Math.exp((-m2 * pi2) / (8 * z2))
    k0 += weight
    k1 += weight * (-z2 + (pi2 / 4) * m2)
    k2 += weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * pi2 * m2) / 4 + (pi2 ** 2 * (1 - 2 * z2) * m2 ** 2) / 16)
    k3 +=
      weight *
      (-30 * z6 -
        90 * z ** 8 +
        (pi2 * (135 * z4 - 96 * z6) * m2) / 4 +
        (pi2 ** 2 * (212 * z4 - 60 * z2) * m2 ** 2) / 16 +
        (pi2 ** 3 * (5 - 30 * z2) * m2 ** 3) / 64)
  }
  let [extra2, extra3] = [0, 0]
  for (let k = terms; k > 0; k--) {
    const weight = k * k * Math.exp((-k * k * pi2) / (2 * z2))
    extra2 += weight
    extra3 += weight * (3 * z2 - pi2 * k * k)
  }
  const second = k2 / (72 * z ** 7) - (pi2 * extra2) / (36 * z ** 3)
  const third = k3 / (6480 * z ** 10) + (pi2 * extra3) / (216 * z6)
  return rootTwoPi * (k0 / z + k1 / (6 * z4) / Math.sqrt(n) + second / n + third / n ** 1.5)
}

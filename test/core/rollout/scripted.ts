import type { compareFrame, FrameAgreement } from '../../../src/core/rollout/agreement.ts'
import { type RolloutEvent, startRollout } from '../../../src/core/rollout/machine.ts'
import { countPair, emptyArm, emptyPairs, type RouterStatus } from '../../../src/core/rollout/tally.ts'
import type { Random } from '../../../src/core/stats/random.ts'

/** A challenger as a list of chances, against a champion with three confident boxes on every frame. */
export type Nature = { lost?: number; fails?: number; slow?: number; floods?: number }

export const first = () =>
  startRollout({
    channel: 'production',
    champion: { version: 'v1', artifact: 'a' },
    challenger: { version: 'v2', artifact: 'b' },
    expected: null,
  })

export function routerAt(weight = 0): RouterStatus {
  return {
    epoch: 'one',
    model: 'worksite',
    champion: { version: 'v1', artifact: 'a', state: 'ready' },
    challenger: { version: 'v2', artifact: 'b', state: 'ready' },
    weight,
    shadow: true,
    arms: { champion: emptyArm(), challenger: emptyArm() },
    pairs: emptyPairs(),
  }
}

/** Serves requests by chance: the counters of the router grow. */
export function serve(router: RouterStatus, requests: number, nature: Nature, random: Random): void {
  const { lost = 0, fails = 0, slow = 0, floods = 0 } = nature
  for (let i = 0; i < requests; i++) {
    const arm = random.next() < router.weight ? 'challenger' : 'champion'
    router.arms[arm].answered++
    if (random.next() < fails) {
      countPair(router.pairs, 5, null, null)
      continue
    }
    const gone = [0, 1, 2].filter(() => random.next() < lost).length
    const frame: FrameAgreement = {
      championConfident: 3,
      lost: gone,
      challengerConfident: random.next() < floods ? 15 : 3 - gone,
      gained: 0,
      kept: 3 - gone,
      confidenceShift: 0,
      overlap: 3 - gone,
    }
    countPair(router.pairs, 5, random.next() < slow ? 20 : 5, frame)
  }
}

export const lookAt = (router: RouterStatus, at: number): RolloutEvent => ({
  type: 'look',
  id: `look-${at}`,
  at,
  status: structuredClone(router),
})

/** Boxes as [class, score, x, y, side]. */
export function boxes(rows: [number, number, number, number, number][]): Parameters<typeof compareFrame>[0] {
  const column = (pick: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, pick)
  return {
    count: rows.length,
    image: new Int32Array(rows.length),
    classId: Int32Array.from(rows, ([classId]) => classId),
    score: column(([, score]) => score),
    x: column(([, , x]) => x),
    y: column(([, , , y]) => y),
    w: column(([, , , , side]) => side),
    h: column(([, , , , side]) => side),
  }
}

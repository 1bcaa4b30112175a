import type { Random } from '../stats/random.ts'
import type { Color } from './canvas.ts'

/** One worker of a scene: who it is and what it wears and holds; lengths are shares of the worker's height. */
export type WorkerPlan = {
  /** Middle of the body and top of the head, as shares of the image's side. */
  x: number
  top: number
  /** Height as a share of the image's side. */
  height: number
  /** 1: the working hand is on the right of the picture. */
  side: 1 | -1
  skin: Color
  shirt: Color
  trousers: Color
  headgear: { kind: 'helmet' | 'hair' | 'long-hair' | 'beanie' | 'none'; color: Color }
  vest: Color | null
  tool: { kind: 'hammer' | 'spade'; length: number; lean: number } | null
  hand: [number, number]
  idleHand: [number, number]
  stride: number
  phase: number
  /** Sideways sway, as a share of the image's side. */
  drift: number
}

const helmets: Color[] = [
  [245, 212, 40],
  [245, 245, 245],
  [45, 120, 220],
  [222, 60, 42],
]
const vests: Color[] = [
  [255, 122, 24],
  [200, 238, 36],
]
const shirts: Color[] = [
  [55, 60, 70],
  [60, 80, 120],
  [60, 92, 62],
  [140, 131, 130],
  [140, 60, 60],
]
const skins: Color[] = [
  [226, 181, 150],
  [200, 150, 110],
  [150, 100, 70],
  [106, 72, 52],
]
const beanies: Color[] = [
  [86, 66, 60],
  [60, 70, 62],
  [70, 70, 96],
]

/** Draws one worker's looks and place for a slot (0, 1 or 2 from the left). */
export function planWorker(random: Random, slot: number, height: [number, number], toolShare: number): WorkerPlan {
  const tall = random.uniform(height[0], height[1]) / 160
  const dark = () => Math.round(random.uniform(30, 100))
  const side = random.next() < 0.5 ? 1 : -1
  // Every draw happens whatever it decides, so that another tool share changes the tools and nothing else.
  const [helmet, cover, withVest, withTool] = [random.next(), random.next(), random.next(), random.next()]
  return {
    x: (slot + 0.5) / 3 + random.uniform(-9, 9) / 160,
    top: random.uniform(4 / 160, Math.max(6 / 160, 1 - tall - 2 / 160)),
    height: tall,
    side,
    skin: random.pick(skins),
    shirt: random.pick(shirts),
    trousers: [dark(), dark(), dark()],
    headgear: headgearOf(helmet < 0.66, cover, random),
    vest: ((color) => (withVest < 0.62 ? color : null))(random.pick(vests)),
    tool: ((tool) => (withTool < toolShare ? tool : null))({
      kind: random.pick(['hammer', 'spade'] as const),
      length: random.uniform(0.36, 0.46),
      lean: random.uniform(-0.08, 0.3),
    }),
    hand: [random.uniform(0.2, 0.25), random.uniform(0.42, 0.55)],
    idleHand: [random.uniform(0.15, 0.2), random.uniform(0.54, 0.6)],
    stride: random.uniform(0.05, 0.1),
    phase: random.uniform(0, 2 * Math.PI),
    drift: random.uniform(2, 7) / 160,
  }
}

function headgearOf(helmet: boolean, cover: number, random: Random): WorkerPlan['headgear'] {
  const [hard, knit] = [random.pick(helmets), random.pick(beanies)]
  const hair: Color = [random.uniform(25, 75), random.uniform(20, 55), random.uniform(15, 45)]
  if (helmet) return { kind: 'helmet', color: hard }
  if (cover < 0.4) return { kind: 'hair', color: hair }
  if (cover < 0.6) return { kind: 'long-hair', color: hair }
  return cover < 0.75 ? { kind: 'beanie', color: knit } : { kind: 'none', color: hair }
}

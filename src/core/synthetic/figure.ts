import type { Color, Paint, Shape } from './canvas.ts'
import { ellipse, polygon, stroke } from './outlines.ts'
import type { WorkerPlan } from './worker.ts'

export const classes = ['person', 'helmet', 'vest', 'tool'] as const
export type ClassId = 0 | 1 | 2 | 3

/** Shapes that belong to one object, in painting order; classId null: a shadow, part of no object. */
export type Layer = { classId: ClassId | null; shapes: Shape[] }

type Point = [number, number]
/** Shares of the worker's height, measured from the top of the head, to pixels. */
type Place = { at: (a: number, b: number) => Point; unit: number }

const shade = ([r, g, b]: Color, by: number): Color => [r * by, g * by, b * by]

/** All layers of a worker in one frame of an image of the given side (pixels), back to front. */
export function drawWorker(worker: WorkerPlan, frame: number, size: number): Layer[] {
  const { side } = worker
  const unit = worker.height * size
  const x = (worker.x + worker.drift * Math.sin(worker.phase + 0.55 * frame)) * size
  const y = (worker.top + (1.2 / 160) * Math.sin(worker.phase * 2 + 0.8 * frame)) * size
  const place: Place = { at: (a, b) => [x + a * unit, y + b * unit], unit }
  const swing = 0.012 * Math.sin(worker.phase + 0.9 * frame)
  const hand: Point = place.at(side * (worker.hand[0] + swing), worker.hand[1] + swing)
  const layers: Layer[] = [
    {
      classId: null,
      shapes: [ellipse(...place.at(0.12, 0.975), 0.27 * unit, 0.045 * unit, { color: [22, 22, 24], alpha: 0.42 })],
    },
    {
      classId: 0,
      shapes: [...headBehind(worker, place), ...body(worker, place, frame, swing), ...head(worker, place)],
    },
  ]
  if (worker.vest) layers.push({ classId: 2, shapes: vest(worker.vest, place) })
  layers.push({ classId: 0, shapes: workingArm(worker, place, hand) })
  if (worker.headgear.kind === 'helmet') layers.push({ classId: 1, shapes: helmet(worker, place) })
  if (worker.tool) layers.push({ classId: 3, shapes: tool(worker.tool, hand, side, unit) })
  layers.push({ classId: 0, shapes: [ellipse(...hand, 0.038 * unit, 0.038 * unit, { color: worker.skin })] })
  return layers
}

function lit(color: Color, { at }: Place, half: number): Paint {
  return { color: shade(color, 1.1), to: shade(color, 0.78), line: [...at(-half, 0), ...at(half, 0)] }
}

function body(
  { shirt, trousers, skin, side, stride, phase, idleHand }: WorkerPlan,
  place: Place,
  frame: number,
  swing: number,
) {
  const { at, unit } = place
  const open = stride * (0.75 + 0.25 * Math.cos(phase + 0.9 * frame))
  const shapes: Shape[] = []
  for (const foot of [-1, 1]) {
    const paint = { color: shade(trousers, foot < 0 ? 1.08 : 0.85) }
    shapes.push(stroke(at(foot * 0.058, 0.6), at(foot * (0.02 + open), 0.93), 0.098 * unit, paint))
    shapes.push(ellipse(...at(foot * (0.03 + open), 0.965), 0.064 * unit, 0.033 * unit, { color: [44, 36, 32] }))
  }
  const elbow = at(-side * 0.185, 0.43)
  const idle = at(-side * (idleHand[0] - swing), idleHand[1])
  const sleeve = { color: shade(shirt, 0.9) }
  shapes.push(ellipse(...idle, 0.036 * unit, 0.036 * unit, { color: skin }))
  shapes.push(stroke(at(-side * 0.135, 0.315), elbow, 0.08 * unit, sleeve), stroke(elbow, idle, 0.066 * unit, sleeve))
  shapes.push(stroke(at(0, 0.2), at(0, 0.29), 0.075 * unit, { color: shade(skin, 0.82) }))
  const torso: Point[] = [
    at(-0.1, 0.268),
    at(0.1, 0.268),
    at(0.15, 0.3),
    at(0.13, 0.63),
    at(-0.13, 0.63),
    at(-0.15, 0.3),
  ]
  shapes.push(polygon(torso, lit(shirt, place, 0.15)))
  return shapes
}

function headBehind({ headgear }: WorkerPlan, { at, unit }: Place): Shape[] {
  return headgear.kind === 'long-hair'
    ? [ellipse(...at(0, 0.175), 0.108 * unit, 0.135 * unit, { color: headgear.color })]
    : []
}

function head({ skin, headgear }: WorkerPlan, place: Place): Shape[] {
  const { at, unit } = place
  const shapes = [ellipse(...at(0, 0.157), 0.088 * unit, 0.107 * unit, lit(skin, place, 0.088))]
  for (const eye of [-1, 1])
    shapes.push(ellipse(...at(eye * 0.033, 0.162), 0.011 * unit, 0.013 * unit, { color: [35, 28, 26] }))
  shapes.push(stroke(at(-0.02, 0.214), at(0.02, 0.214), 0.012 * unit, { color: shade(skin, 0.62) }))
  const { kind, color } = headgear
  if (kind === 'hair' || kind === 'long-hair') {
    shapes.push(ellipse(...at(0, 0.135), 0.1 * unit, 0.1 * unit, { color }, 0.5, 1))
  } else if (kind === 'beanie') {
    shapes.push(ellipse(...at(0, 0.128), 0.1 * unit, 0.105 * unit, { color }, 0.5, 1))
    shapes.push(stroke(at(-0.085, 0.125), at(0.085, 0.125), 0.034 * unit, { color: shade(color, 0.75) }))
  }
  return shapes
}

function vest(color: Color, place: Place): Shape[] {
  const { at, unit } = place
  const [left, right] = [-0.158, 0.158]
  const cut: Point[] = [
    at(left, 0.29),
    at(-0.07, 0.262),
    at(0, 0.36),
    at(0.07, 0.262),
    at(right, 0.29),
    at(0.152, 0.585),
    at(-0.152, 0.585),
  ]
  const stripe = {
    color: [228, 232, 232] as Color,
    to: [186, 190, 194] as Color,
    line: [...at(-0.15, 0), ...at(0.15, 0)] as const,
  }
  const band = (y: number) =>
    polygon([at(-0.155, y), at(0.155, y), at(0.154, y + 0.036), at(-0.154, y + 0.036)], stripe)
  const strap = (a: number) =>
    polygon([at(a - 0.019, 0.285), at(a + 0.019, 0.285), at(a + 0.019, 0.44), at(a - 0.019, 0.44)], stripe)
  return [
    polygon(cut, lit(color, place, 0.158)),
    strap(-0.09),
    strap(0.09),
    band(0.44),
    band(0.52),
    stroke(at(0, 0.37), at(0, 0.58), 0.008 * unit, { color: shade(color, 0.62) }),
  ]
}

function workingArm({ side, shirt }: WorkerPlan, { at, unit }: Place, hand: Point): Shape[] {
  const elbow = at(side * 0.2, 0.42)
  const sleeve = { color: shade(shirt, 1.02) }
  return [stroke(at(side * 0.135, 0.315), elbow, 0.08 * unit, sleeve), stroke(elbow, hand, 0.066 * unit, sleeve)]
}

function helmet({ headgear: { color } }: WorkerPlan, place: Place): Shape[] {
  const { at, unit } = place
  return [
    ellipse(...at(0, 0.132), 0.128 * unit, 0.132 * unit, lit(color, place, 0.128), 0.5, 1),
    ellipse(...at(-0.05, 0.062), 0.026 * unit, 0.034 * unit, { color: [255, 255, 255], alpha: 0.35 }),
    stroke(at(0, 0.012), at(0, 0.115), 0.02 * unit, { color: shade(color, 0.82) }),
    stroke(at(-0.145, 0.135), at(0.145, 0.135), 0.034 * unit, { color: shade(color, 0.74) }),
  ]
}

/** A hammer with a steel head, or a spade with a red blade, held upright at the hand. */
function tool(
  { kind, length, lean }: NonNullable<WorkerPlan['tool']>,
  hand: Point,
  side: number,
  unit: number,
): Shape[] {
  const angle = -Math.PI / 2 + side * lean
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
  const long = length * unit
  const along = (t: number, across: number): Point => [
    hand[0] + side * 0.03 * unit + dx * t * long - dy * across * unit,
    hand[1] + dy * t * long + dx * across * unit,
  ]
  const wood = {
    color: [172, 112, 58] as Color,
    to: [128, 78, 38] as Color,
    line: [...along(0, -0.03), ...along(0, 0.03)] as const,
  }
  const handle = stroke(along(-0.4, 0), along(0.62, 0), 0.046 * unit, wood)
  if (kind === 'hammer') {
    const steel: Paint = { color: [205, 208, 214], to: [120, 124, 132], line: [...along(0.72, 0), ...along(0.52, 0)] }
    return [
      handle,
      polygon([along(0.74, -0.1), along(0.74, 0.085), along(0.62, 0.11), along(0.5, 0.085), along(0.5, -0.1)], steel),
    ]
  }
  const red: Paint = { color: [216, 54, 48], to: [150, 34, 34], line: [...along(0.6, -0.09), ...along(0.6, 0.09)] }
  const blade = [along(0.46, -0.075), along(0.8, -0.085), along(1.0, 0), along(0.8, 0.085), along(0.46, 0.075)]
  return [
    handle,
    stroke(along(-0.42, -0.045), along(-0.42, 0.045), 0.04 * unit, { color: [110, 66, 34] }),
    polygon(blade, red),
    stroke(along(0.5, 0), along(0.85, 0), 0.018 * unit, { color: [240, 190, 184] }),
  ]
}

import type { Random } from '../stats/random.ts'
import { type Canvas, type Color, paintShape } from './canvas.ts'
import { blur, glow, mottle } from './light.ts'
import { ellipse, polygon, rectangle, stroke } from './outlines.ts'

export const cameras = ['yard', 'hall', 'gate', 'night'] as const
export type Camera = (typeof cameras)[number]

/** What sets the cameras apart: gain by channel, sensor noise (deviation of 255), and how tall a worker stands. */
export const views: Record<Camera, { gain: Color; offset: number; noise: number; height: [number, number] }> = {
  yard: { gain: [1, 1, 1], offset: 0, noise: 5, height: [84, 120] },
  hall: { gain: [0.82, 0.9, 0.92], offset: 0, noise: 6, height: [90, 132] },
  gate: { gain: [1.05, 0.98, 0.85], offset: 0, noise: 5, height: [96, 132] },
  night: { gain: [0.34, 0.42, 0.62], offset: 8, noise: 11, height: [84, 132] },
}

const painters: Record<Camera, (canvas: Canvas, random: Random) => void> = { yard, hall, gate, night }

/** Paints what a camera sees when nobody is there; every draw from the same stream gives the same picture. */
export function paintBackground(canvas: Canvas, camera: Camera, random: Random): void {
  painters[camera](canvas, random)
  paintClutter(canvas, random)
}

const tinted = ([r, g, b]: Color, random: Random, by: number): Color => [
  r + random.normal(0, by),
  g + random.normal(0, by),
  b + random.normal(0, by),
]
const shade = ([r, g, b]: Color, by: number): Color => [r * by, g * by, b * by]

/** Sky, far buildings and open ground. */
function yard(canvas: Canvas, random: Random): void {
  const { width: w, height: h } = canvas
  const unit = h / 160
  const sky = tinted([176, 192, 204], random, 8)
  const horizon = h * random.uniform(0.25, 0.45)
  paintShape(canvas, rectangle(0, 0, w, horizon, { color: sky, to: shade(sky, 1.15), line: [0, 0, 0, horizon] }))
  for (let i = 0; i < 3 + random.int(3); i++) {
    const x = random.uniform(-10, w)
    const wide = random.uniform(15, 45) * unit
    const top = horizon - random.uniform(8, 38) * unit
    const color: Color = [random.uniform(80, 185), random.uniform(80, 185), random.uniform(80, 185)]
    paintShape(
      canvas,
      rectangle(x, top, x + wide, horizon + 1, { color, to: shade(color, 0.75), line: [x, 0, x + wide, 0] }),
    )
    for (let k = 0; k < 3; k++) {
      const wx = x + (wide * (k + 0.3)) / 3
      paintShape(canvas, rectangle(wx, top + 4 * unit, wx + 4 * unit, top + 8 * unit, { color: shade(color, 0.6) }))
    }
  }
  const ground = tinted([150, 138, 122], random, 10)
  paintShape(canvas, rectangle(0, horizon, w, h, { color: shade(ground, 0.85), to: ground, line: [0, horizon, 0, h] }))
  mottle(canvas, random, [horizon, h], 14 * unit, 12)
  if (random.next() < 0.5) {
    const y = random.uniform(horizon + 12 * unit, h)
    paintShape(
      canvas,
      stroke([0, y], [w, y + random.uniform(-20, 20) * unit], 2.5 * unit, { color: shade(ground, 1.25), alpha: 0.7 }),
    )
  }
}

/** A corrugated wall with a lamp, and a concrete floor. */
function hall(canvas: Canvas, random: Random): void {
  const { width: w, height: h } = canvas
  const unit = h / 160
  const wall = tinted([100, 116, 136], random, 12)
  const floor = h * random.uniform(0.5, 0.62)
  paintShape(canvas, rectangle(0, 0, w, h, { color: wall, to: shade(wall, 0.8), line: [0, 0, 0, floor] }))
  const step = random.uniform(18, 40) * unit
  for (let x = random.uniform(0, step); x < w; x += step) {
    paintShape(canvas, rectangle(x, 0, x + random.uniform(2, 6) * unit, floor, { color: shade(wall, 0.7) }))
    paintShape(canvas, rectangle(x - 1.5 * unit, 0, x, floor, { color: shade(wall, 1.15) }))
  }
  if (random.next() < 0.6) {
    const x = random.uniform(0, w * 0.8)
    const door = tinted([150, 120, 80], random, 25)
    const top = floor - random.uniform(40, 70) * unit
    paintShape(canvas, rectangle(x, top, x + random.uniform(28, 48) * unit, floor, { color: door }))
  }
  const concrete = tinted([100, 97, 90], random, 8)
  paintShape(canvas, rectangle(0, floor, w, h, { color: concrete, to: shade(concrete, 1.2), line: [0, floor, 0, h] }))
  mottle(canvas, random, [floor, h], 20 * unit, 8)
  const lamp = random.uniform(0.1, 0.9) * w
  glow(canvas, lamp, 0, random.uniform(40, 75) * unit, [120, 118, 105])
  paintShape(canvas, ellipse(lamp, 0, random.uniform(12, 24) * unit, 8 * unit, { color: [238, 238, 225] }))
}

/** A wire fence before a warm wall. */
function gate(canvas: Canvas, random: Random): void {
  const { width: w, height: h } = canvas
  const unit = h / 160
  const wall = tinted([164, 128, 90], random, 10)
  const floor = h * random.uniform(0.54, 0.66)
  paintShape(
    canvas,
    rectangle(0, 0, w, h, { color: shade(wall, 1.1), to: shade(wall, 0.85), line: [0, 0, random.uniform(-w, w), h] }),
  )
  mottle(canvas, random, [0, floor], 24 * unit, 12)
  const wire = { color: shade(wall, 0.72) }
  const step = random.uniform(12, 20) * unit
  for (let x = -30 * unit; x < w + 30 * unit; x += step) {
    paintShape(canvas, stroke([x, 0], [x - 24 * unit, floor], 1.1 * unit, wire))
    paintShape(canvas, stroke([x, 0], [x + 24 * unit, floor], 1.1 * unit, wire))
  }
  for (let x = random.uniform(0, 60) * unit; x < w; x += 64 * unit) {
    paintShape(
      canvas,
      rectangle(x, 0, x + 4 * unit, floor, { color: [92, 92, 96], to: [140, 140, 142], line: [x, 0, x + 4 * unit, 0] }),
    )
  }
  const soil = tinted([125, 108, 76], random, 10)
  paintShape(
    canvas,
    rectangle(0, floor, w, h, { color: shade(soil, 0.9), to: shade(soil, 1.15), line: [0, floor, 0, h] }),
  )
  mottle(canvas, random, [floor, h], 12 * unit, 11)
}

/** Dark ground and far lamps; the camera's gain makes it night. */
function night(canvas: Canvas, random: Random): void {
  const { width: w, height: h } = canvas
  const unit = h / 160
  const dark = tinted([74, 82, 96], random, 6)
  paintShape(canvas, rectangle(0, 0, w, h, { color: dark, to: shade(dark, 0.8), line: [0, 0, 0, h] }))
  const horizon = h * random.uniform(0.3, 0.5)
  for (let i = 0; i < 3; i++) {
    const x = random.uniform(-20, w)
    paintShape(
      canvas,
      rectangle(x, horizon - random.uniform(10, 45) * unit, x + random.uniform(20, 55) * unit, horizon, {
        color: shade(dark, random.uniform(0.6, 1.3)),
      }),
    )
  }
  paintShape(
    canvas,
    rectangle(0, horizon, w, h, { color: shade(dark, 0.95), to: shade(dark, 1.1), line: [0, horizon, 0, h] }),
  )
  blur(canvas, 2.5 * unit)
  mottle(canvas, random, [horizon, h], 16 * unit, 9)
  glow(canvas, random.uniform(0, w), random.uniform(0, 0.4) * h, random.uniform(45, 80) * unit, [75, 66, 44])
  for (let i = 0; i < 3 + random.int(3); i++) {
    const [x, y] = [random.uniform(0, w), random.uniform(0, 0.45) * h]
    glow(canvas, x, y, 11 * unit, [110, 100, 70])
    paintShape(canvas, ellipse(x, y, 2 * unit, 2 * unit, { color: [250, 240, 205] }))
  }
}

/** Cones, crates and planks: things that are none of the classes. */
function paintClutter(canvas: Canvas, random: Random): void {
  const { width: w, height: h } = canvas
  const unit = h / 160
  for (let i = random.int(4); i > 0; i--) {
    const [x, y, s] = [random.uniform(0, w - 20 * unit), random.uniform(0.58, 0.88) * h, random.uniform(9, 19) * unit]
    const kind = random.next()
    if (kind < 0.45) {
      paintShape(canvas, rectangle(x - s * 0.1, y + s * 0.88, x + s * 0.9, y + s, { color: [60, 45, 40] }))
      paintShape(
        canvas,
        polygon(
          [
            [x, y + s * 0.9],
            [x + s * 0.34, y],
            [x + s * 0.46, y],
            [x + s * 0.8, y + s * 0.9],
          ],
          { color: [235, 100, 30] },
        ),
      )
      paintShape(
        canvas,
        polygon(
          [
            [x + s * 0.15, y + s * 0.5],
            [x + s * 0.22, y + s * 0.3],
            [x + s * 0.58, y + s * 0.3],
            [x + s * 0.65, y + s * 0.5],
          ],
          { color: [235, 232, 225] },
        ),
      )
    } else if (kind < 0.8) {
      const color = tinted([120, 100, 80], random, 28)
      paintShape(
        canvas,
        rectangle(x, y, x + s, y + s * 0.85, { color, to: shade(color, 0.75), line: [x, y, x + s, y + s] }),
      )
      paintShape(canvas, rectangle(x, y + s * 0.36, x + s, y + s * 0.46, { color: shade(color, 0.6) }))
    } else {
      paintShape(
        canvas,
        stroke([x, y + s], [x + s * 2.2, y + s * 0.8], 3 * unit, { color: tinted([150, 120, 80], random, 12) }),
      )
    }
  }
}

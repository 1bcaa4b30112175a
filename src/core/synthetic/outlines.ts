import type { Box } from '../geometry/boxes.ts'
import type { Paint, Shape } from './canvas.ts'

type Point = readonly [x: number, y: number]

/** A closed polygon through the points. */
export function polygon(points: readonly Point[], paint: Paint): Shape {
  return { outline: points.flat(), paint }
}

export function rectangle(x1: number, y1: number, x2: number, y2: number, paint: Paint): Shape {
  return { outline: [x1, y1, x2, y1, x2, y2, x1, y2], paint }
}

/** An ellipse, or the part of it from angle `from` to `to` in turns (0 right, 0.25 down, 0.5 left, 0.75 up). */
export function ellipse(x: number, y: number, rx: number, ry: number, paint: Paint, from = 0, to = 1): Shape {
  // A multiple of four corners a turn, so that the outermost points are corners and the bounds exact.
  const corners = Math.max(8, 4 * Math.ceil(Math.max(rx, ry, 1) ** 0.5 * 1.6))
  const count = Math.max(2, Math.round(corners * (to - from)))
  const outline: number[] = []
  for (let i = 0; i < (to - from >= 1 ? count : count + 1); i++) {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / count)
    outline.push(x + rx * Math.cos(angle), y + ry * Math.sin(angle))
  }
  return { outline, paint }
}

/** A thick line with round ends. */
export function stroke([x1, y1]: Point, [x2, y2]: Point, width: number, paint: Paint): Shape {
  const radius = width / 2
  const steps = Math.max(4, Math.ceil(radius))
  const angle = Math.atan2(y2 - y1, x2 - x1)
  const outline: number[] = []
  for (const [x, y, start] of [
    [x2, y2, angle - Math.PI / 2],
    [x1, y1, angle + Math.PI / 2],
  ] as const) {
    for (let i = 0; i <= steps; i++) {
      const turn = start + (Math.PI * i) / steps
      outline.push(x + radius * Math.cos(turn), y + radius * Math.sin(turn))
    }
  }
  return { outline, paint }
}

/** The smallest box around all outlines, in pixels. */
export function boundsOf(shapes: readonly Shape[]): Box {
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity }
  for (const { outline } of shapes) {
    for (let i = 0; i < outline.length; i += 2) {
      box.x1 = Math.min(box.x1, outline[i] as number)
      box.x2 = Math.max(box.x2, outline[i] as number)
      box.y1 = Math.min(box.y1, outline[i + 1] as number)
      box.y2 = Math.max(box.y2, outline[i + 1] as number)
    }
  }
  return box
}

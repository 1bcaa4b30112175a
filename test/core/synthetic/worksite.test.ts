import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { cameras } from '../../../src/core/synthetic/backgrounds.ts'
import { createCanvas, paintShape } from '../../../src/core/synthetic/canvas.ts'
import { formatRows } from '../../../src/core/synthetic/layout.ts'
import {
  continueScene,
  drawFrame,
  type Frame,
  paintObjects,
  planScenes,
  type WorldOptions,
} from '../../../src/core/synthetic/worksite.ts'

const world: WorldOptions = { seed: 3, prefix: 'w', cameras, scenes: 24, framesPerScene: 3, toolShare: 0.5 }
const digest = (frames: Frame[]) => {
  const hash = createHash('sha256')
  for (const { picture, ...rest } of frames) hash.update(picture.rgb).update(JSON.stringify(rest))
  return hash.digest('hex')
}
const draw = (options: WorldOptions, index = 1) => planScenes(options).map((plan) => drawFrame(plan, index))

test('the same seed gives the same bytes, in whatever order frames are drawn', () => {
  const once = draw(world)
  const backwards = planScenes(world)
    .reverse()
    .map((plan) => drawFrame(plan, 1))
    .reverse()
  expect(digest(backwards)).toBe(digest(once))
})

test('the bytes of known seeds stay as they are', () => {
  expect(digest(draw({ ...world, scenes: 8 }))).toMatchInlineSnapshot(
    `"683bb212a94e38e2eab5649b6f61525dcafaf6797328cf2216e04b9306973c65"`,
  )
  expect(digest(draw({ ...world, scenes: 4, size: 96, seed: 'other' }))).toMatchInlineSnapshot(
    `"9c811410e0f5a54d67af6b0beede2a1ff5e200cef1f45752831f26d0bffec16e"`,
  )
})

test('another seed, prefix, scene or frame gives another picture', () => {
  const [a, b] = draw({ ...world, cameras: ['yard'], scenes: 2 })
  const seed = draw({ ...world, cameras: ['yard'], scenes: 1, seed: 4 })[0]
  const prefix = draw({ ...world, cameras: ['yard'], scenes: 1, prefix: 'v' })[0]
  const frame = draw({ ...world, cameras: ['yard'], scenes: 1 }, 2)[0]
  const pictures = [a, b, seed, prefix, frame].map((one) => digest([one as Frame]))
  expect(new Set(pictures).size).toBe(5)
})

test('another tool share changes the tools and nothing else', () => {
  const without = (options: WorldOptions) =>
    planScenes(options).map((plan) => ({ ...plan, workers: plan.workers.map((worker) => ({ ...worker, tool: null })) }))
  expect(without({ ...world, toolShare: 1 })).toEqual(without({ ...world, toolShare: 0 }))
  const tools = (toolShare: number) =>
    planScenes({ ...world, toolShare }).flatMap((plan) => plan.workers.map((w) => w.tool))
  expect(tools(0).every((tool) => tool === null)).toBe(true)
  expect(tools(1).every((tool) => tool !== null)).toBe(true)
})

test('every box lies inside the image, with 6 decimals that say exactly what provenance says', () => {
  const frames = [0, 1, 2].flatMap((index) => draw(world, index))
  expect(frames.flatMap(({ boxes }) => boxes).length).toBeGreaterThan(200)
  for (const { boxes, provenance } of frames) {
    for (const { cx, cy, w, h } of boxes) {
      expect(Math.min(cx - w / 2, cy - h / 2)).toBeGreaterThanOrEqual(-1e-9)
      expect(Math.max(cx + w / 2, cy + h / 2)).toBeLessThanOrEqual(1 + 1e-9)
      expect(Math.min(w, h) * 160).toBeGreaterThanOrEqual(8 - 1e-3)
    }
    const rows = formatRows(boxes).split('\n').filter(Boolean)
    const said = (provenance.boxes ?? []).map(({ classId, box }) => [classId, ...box])
    expect(rows.map((row) => row.split(' ').map(Number))).toEqual(said)
    expect(provenance.boxes?.every(({ source }) => source === 'simulated-human')).toBe(true)
  }
})

/** Bounds of all pixels that differ from a blank canvas, found by looking at the pixels. */
function pixelBounds(shapes: Parameters<typeof paintShape>[1][], size: number, margin: number) {
  const side = size + 2 * margin
  const canvas = createCanvas(side, side)
  canvas.light.fill(-1000)
  for (const { outline, paint } of shapes) paintShape(canvas, { outline: outline.map((v) => v + margin), paint })
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity }
  for (let p = 0; p < side * side; p++) {
    if (canvas.light[p * 3] === -1000) continue
    const [x, y] = [(p % side) - margin, Math.floor(p / side) - margin]
    box.x1 = Math.min(box.x1, x)
    box.y1 = Math.min(box.y1, y)
    box.x2 = Math.max(box.x2, x + 1)
    box.y2 = Math.max(box.y2, y + 1)
  }
  return box
}

test.each([160, 256])('the box of each object is where its pixels are when it is drawn alone (%i pixels)', (size) => {
  let seen = 0
  for (const plan of planScenes({ ...world, size })) {
    for (const { shapes, box } of paintObjects(createCanvas(size, size), plan, 1)) {
      const pixels = pixelBounds(shapes, size, size / 2)
      for (const edge of ['x1', 'y1', 'x2', 'y2'] as const) {
        expect(Math.abs(pixels[edge] - box[edge])).toBeLessThanOrEqual(1.5)
      }
      seen++
    }
  }
  expect(seen).toBeGreaterThan(100)
})

test('what hangs out of the image or stands behind another is labelled only when 35 % of it shows', () => {
  const plan = planScenes({ ...world, scenes: 40, toolShare: 0 }).find(({ workers }) => workers.length === 1)!
  const worker = { ...plan.workers[0]!, height: 0.7, top: 0.2, drift: 0, vest: null, side: 1 as const }
  const persons = (...workers: (typeof worker)[]) =>
    drawFrame({ ...plan, bar: null, workers }, 0).boxes.filter(({ classId }) => classId === 0)
  expect(persons({ ...worker, x: 0.5 })).toHaveLength(1)
  // A person is about 0.35 heights wide: at x = 0 half of it is outside, at x = -0.06 three quarters are.
  expect(persons({ ...worker, x: 0 })).toHaveLength(1)
  expect(persons({ ...worker, x: -0.08 })).toHaveLength(0)
  const behind = { ...worker, x: 0.5 }
  expect(persons(behind, { ...behind, x: 0.75 })).toHaveLength(2)
  expect(persons(behind, { ...behind, x: 0.51 })).toHaveLength(1)
})

test('frames of a scene share people and place and differ a little; a continued scene goes on where it ended', () => {
  const plan = planScenes({ ...world, cameras: ['gate'], scenes: 1 })[0]!
  const [first, second] = [drawFrame(plan, 0), drawFrame(plan, 1)]
  const difference = (a: Frame, b: Frame) =>
    a.picture.rgb.reduce((sum, value, i) => sum + Math.abs(value - b.picture.rgb[i]!), 0) / a.picture.rgb.length
  const stranger = drawFrame(planScenes({ ...world, cameras: ['gate'], scenes: 1, seed: 9 })[0]!, 0)
  expect(difference(first, second)).toBeGreaterThan(1)
  expect(difference(first, second)).toBeLessThan(difference(first, stranger) / 2)
  const more = continueScene(plan, 2)
  expect(drawFrame(more, 0).name).toBe(`${plan.scene}-03`)
  expect(digest([drawFrame(more, 0)])).toBe(digest([drawFrame({ ...plan, frames: 5 }, 3)]))
  expect(Date.parse(drawFrame(more, 0).provenance.time!) - Date.parse(first.provenance.time!)).toBe(3000)
})

test('the share of helmets, vests and tools is about what is asked for', () => {
  const workers = planScenes({ ...world, scenes: 400, toolShare: 0.2 }).flatMap((plan) => plan.workers)
  const share = (has: (worker: (typeof workers)[number]) => boolean) => workers.filter(has).length / workers.length
  expect(share(({ headgear }) => headgear.kind === 'helmet')).toBeCloseTo(0.66, 1)
  expect(share(({ vest }) => vest !== null)).toBeCloseTo(0.62, 1)
  expect(share(({ tool }) => tool !== null)).toBeCloseTo(0.2, 1)
  expect(workers.length / 400).toBeCloseTo(2, 0)
})

test('no two scenes of a world share a camera and a time', () => {
  const times = planScenes({ ...world, scenes: 300 }).map(
    ({ camera, startedAt }) => [camera, Date.parse(startedAt)] as const,
  )
  for (const camera of cameras) {
    const sorted = times
      .filter(([one]) => one === camera)
      .map(([, time]) => time)
      .sort((a, b) => a - b)
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThan(60_000)
  }
})

test('night is dark and noisy, day is neither', () => {
  const of = (camera: 'yard' | 'night') => draw({ ...world, cameras: [camera], scenes: 6 })
  const mean = (frames: Frame[]) =>
    frames.reduce((sum, { picture: { rgb } }) => sum + rgb.reduce((a, b) => a + b, 0) / rgb.length, 0) / frames.length
  expect(mean(of('night'))).toBeLessThan(60)
  expect(mean(of('yard'))).toBeGreaterThan(100)
})

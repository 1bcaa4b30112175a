import type { BoxProvenance, Provenance } from '../dataset/model.ts'
import { type Box, intersection } from '../geometry/boxes.ts'
import { type Random, seededRandom } from '../stats/random.ts'
import { type Camera, paintBackground, views } from './backgrounds.ts'
import { type Canvas, createCanvas, develop, type Picture, paintShape } from './canvas.ts'
import { type ClassId, drawWorker, type Layer } from './figure.ts'
import { boundsOf, stroke } from './outlines.ts'
import { planWorker, type WorkerPlan } from './worker.ts'

/** One scene: a few consecutive frames of one camera with the same people. */
export type ScenePlan = {
  scene: string
  camera: Camera
  seed: string
  size: number
  /** Frames firstFrame up to, not including, firstFrame + frames. */
  firstFrame: number
  frames: number
  /** ISO time of frame 0; frames are a second apart. */
  startedAt: string
  workers: WorkerPlan[]
  /** A pole before everything: x at the top and bottom (shares of the side) and its width (of 160 pixels). */
  bar: { top: number; bottom: number; width: number } | null
}

/** A label row: centre and size as shares of the image, exact to 6 decimals. */
export type LabelRow = { classId: number; cx: number; cy: number; w: number; h: number }
export type Frame = { name: string; picture: Picture; boxes: LabelRow[]; provenance: Provenance }
export type WorldOptions = {
  seed: number | string
  prefix: string
  cameras: readonly Camera[]
  scenes: number
  framesPerScene: number
  /** Share of workers that hold a tool. */
  toolShare: number
  /** Side of the square image in pixels. */
  size?: number
}

/** Plans scenes, the cameras in turn; the same options give the same plan. */
export function planScenes(options: WorldOptions): ScenePlan[] {
  const { seed, prefix, cameras, scenes, framesPerScene, toolShare, size = 160 } = options
  const firstDay = seededRandom(`${seed}/${prefix}/days`).int(280)
  return Array.from({ length: scenes }, (_, index) => {
    const camera = cameras[index % cameras.length] as Camera
    const own = `${seed}/${prefix}/${index}`
    const random = seededRandom(own)
    const slots = random.shuffle([0, 1, 2]).slice(0, 1 + random.int(3))
    const workers = slots.map((slot) => planWorker(random, slot, views[camera].height, toolShare))
    const top = random.uniform(0, 1)
    const bar = { top, bottom: top + random.uniform(-0.125, 0.125), width: random.uniform(3, 7) }
    return {
      scene: `${prefix}-${camera}-${String(index).padStart(4, '0')}`,
      camera,
      seed: own,
      size,
      firstFrame: 0,
      frames: framesPerScene,
      startedAt: startOf(camera, firstDay + Math.floor(index / 8), index % 8, random),
      // Who stands lower is nearer, so is painted later.
      workers: workers.sort((a, b) => a.top + a.height - (b.top + b.height)),
      bar: random.next() < 0.25 ? bar : null,
    }
  })
}

/** The frames of a scene that follow its planned ones: the same people in the same place, seconds later. */
export function continueScene(plan: ScenePlan, frames: number): ScenePlan {
  return { ...plan, firstFrame: plan.firstFrame + plan.frames, frames }
}

/** The name of a frame (0 is the plan's first), also of its files. */
export function frameName(plan: ScenePlan, frameIndex: number): string {
  return `${plan.scene}-${String(plan.firstFrame + frameIndex).padStart(2, '0')}`
}

/** Draws one frame of a scene (0 is the plan's first) with its boxes and its provenance line. */
export function drawFrame(plan: ScenePlan, frameIndex: number): Frame {
  const { size, camera } = plan
  const frame = plan.firstFrame + frameIndex
  const canvas = backgroundOf(plan)
  const objects = paintObjects(canvas, plan, frame)
  const random = seededRandom(`${plan.seed}/frame/${frame}`)
  const scene = seededRandom(`${plan.seed}/gain`).uniform(0.87, 1.13)
  const gain = scene * random.uniform(0.98, 1.02)
  const { gain: tint, offset, noise } = views[camera]
  const exposure = { gain: [tint[0] * gain, tint[1] * gain, tint[2] * gain] as const, offset, noise }
  const boxes = objects.flatMap((object) => labelOf(object, size))
  const name = frameName(plan, frameIndex)
  return { name, picture: develop(canvas, exposure, random), boxes, provenance: provenanceOf(plan, frame, name, boxes) }
}

/** An object of a frame: its box in pixels, not clipped, and the share of it that shows (0 to 1). */
export type WorldObject = { classId: ClassId; shapes: Layer['shapes']; box: Box; visible: number }

/** Paints workers and the bar onto the canvas; returns all objects, hidden ones too. */
export function paintObjects(canvas: Canvas, plan: ScenePlan, frame: number): WorldObject[] {
  const { size } = plan
  const painted = plan.workers.flatMap((worker, index) => {
    const layers = drawWorker(worker, frame, size)
    for (const { classId, shapes } of layers) {
      for (const shape of shapes) paintShape(canvas, shape, classId === null ? 0 : index * 4 + classId + 1)
    }
    const ids = [...new Set(layers.map((layer) => layer.classId))].filter((id) => id !== null)
    return ids.map((classId) => {
      // A helmet and a vest are part of the person that wears them; a tool is not.
      const mine = layers.filter((layer) => layer.classId === classId || (classId === 0 && (layer.classId ?? 3) < 3))
      const shapes = mine.flatMap((layer) => layer.shapes)
      const box = boundsOf(shapes)
      const owners = (classId === 0 ? [0, 1, 2] : [classId]).map((id) => index * 4 + id + 1)
      return { classId, shapes, box, owners, before: countOwned(canvas, box, owners) }
    })
  })
  if (plan.bar) {
    const { top, bottom, width } = plan.bar
    const paint = { color: [66, 66, 70] as const, to: [40, 40, 44] as const, line: [0, 0, 6, 0] as const }
    paintShape(canvas, stroke([top * size, -8], [bottom * size, size + 8], (width * size) / 160, paint), 255)
  }
  return painted.map(({ classId, shapes, box, owners, before }) => {
    const inside = intersection(box, { x1: 0, y1: 0, x2: size, y2: size }) / ((box.x2 - box.x1) * (box.y2 - box.y1))
    const visible = before > 0 ? (inside * countOwned(canvas, box, owners)) / before : 0
    return { classId, shapes, box, visible }
  })
}

function countOwned({ width, height, owner }: Canvas, box: Box, owners: number[]): number {
  let count = 0
  for (let y = Math.max(0, Math.floor(box.y1)); y < Math.min(height, box.y2); y++) {
    for (let x = Math.max(0, Math.floor(box.x1)); x < Math.min(width, box.x2); x++) {
      if (owners.includes(owner[y * width + x] as number)) count++
    }
  }
  return count
}

/** The label of an object, clipped to the image; none under 35 % visible or when a side is under 8 of 160 pixels. */
function labelOf({ classId, box, visible }: WorldObject, size: number): LabelRow[] {
  // Corners on a grid of 2e-6, so that centre and size have exactly 6 decimals and never leave the image.
  const snap = (value: number) => Math.round((Math.min(size, Math.max(0, value)) / size) * 500_000)
  const [x1, y1, x2, y2] = [snap(box.x1), snap(box.y1), snap(box.x2), snap(box.y2)]
  if (visible < 0.35 || Math.min(x2 - x1, y2 - y1) < 25_000) return []
  const [cx, cy, w, h] = [(x1 + x2) / 1e6, (y1 + y2) / 1e6, (2 * (x2 - x1)) / 1e6, (2 * (y2 - y1)) / 1e6]
  return [{ classId, cx, cy, w, h }]
}

function provenanceOf(plan: ScenePlan, frame: number, image: string, boxes: LabelRow[]): Provenance {
  return {
    image,
    source: 'worksite world',
    time: new Date(Date.parse(plan.startedAt) + frame * 1000).toISOString(),
    camera: plan.camera,
    scene: plan.scene,
    frame,
    uploader: 'worksite-synth',
    licence: 'CC0-1.0',
    width: plan.size,
    height: plan.size,
    boxes: boxes.map(
      ({ classId, cx, cy, w, h }): BoxProvenance => ({
        classId,
        box: [cx, cy, w, h],
        annotator: 'worksite-synth',
        reviewPass: 1,
        source: 'simulated-human',
      }),
    ),
  }
}

/** A time of a working shift; no two scenes of one plan share it. */
function startOf(camera: Camera, day: number, slot: number, random: Random): string {
  const hour = camera === 'night' ? 19 + slot / 2 : 7 + slot
  const seconds = hour * 3600 + random.int(1500)
  return new Date(Date.UTC(2026, 0, 5) + day * 86_400_000 + seconds * 1000).toISOString()
}

// The background of a scene is the same in all its frames; only the last one is kept.
const kept: { plan?: string; light?: Float32Array } = {}

function backgroundOf({ seed, camera, size }: ScenePlan): Canvas {
  const canvas = createCanvas(size, size)
  const plan = `${seed} ${camera} ${size}`
  if (kept.plan !== plan || !kept.light) {
    paintBackground(canvas, camera, seededRandom(`${seed}/background`))
    kept.plan = plan
    kept.light = canvas.light.slice()
  } else canvas.light.set(kept.light)
  return canvas
}

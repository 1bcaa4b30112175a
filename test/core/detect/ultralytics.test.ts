import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { decode, headOf } from '../../../src/core/detect/decode.ts'
import { letterboxInto, letterboxOf } from '../../../src/core/detect/letterbox.ts'
import { createLetterboxTensor } from '../../../src/core/detect/letterbox-tensor.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-detect-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Width, height, size of the square: shrinks, grows, odd sides, exact halves, slivers, no change. */
const pictures: [number, number, number][] = [
  [160, 160, 160],
  [320, 320, 160],
  [80, 80, 160],
  [1281, 721, 160],
  [500, 375, 160],
  [641, 480, 320],
  [1280, 725, 640],
  [97, 211, 160],
  [3, 200, 96],
  [400, 1, 96],
  [33, 47, 128],
  [160, 120, 160],
]

type Head = {
  title: string
  /** Equal scores: compared with the reference's stable sort; come last. */
  ties?: boolean
  shape: [number, number]
  confidence: number
  iou: number
  multiLabel: boolean
  maxDetections: number
  size: number
  width: number
  height: number
  fill: (random: Random, classes: number, anchors: number) => Float32Array
}

const random = seededRandom('detect')
const base = { confidence: 0.25, iou: 0.7, multiLabel: false, maxDetections: 300, size: 160, width: 160, height: 160 }

/** Boxes around a few places, so that many overlap near the limit. */
function crowded(places: number, scoreOf: (random: Random) => number) {
  return (from: Random, classes: number, anchors: number) => {
    const out = new Float32Array((4 + classes) * anchors)
    for (let i = 0; i < anchors; i++) {
      const place = from.int(places)
      out[i] = 20 + ((place * 37) % 120) + from.normal(0, 4)
      out[anchors + i] = 20 + ((place * 53) % 120) + from.normal(0, 4)
      out[2 * anchors + i] = 30 + from.normal(0, 5)
      out[3 * anchors + i] = 40 + from.normal(0, 5)
      for (let c = 0; c < classes; c++) out[(4 + c) * anchors + i] = scoreOf(from)
    }
    return out
  }
}
const spread = (from: Random) => from.next() ** 3
const heads: Head[] = [
  { ...base, title: 'random boxes', shape: [8, 525], fill: crowded(12, spread) },
  {
    ...base,
    title: 'multi-label as in validation',
    shape: [8, 525],
    confidence: 0.001,
    multiLabel: true,
    fill: crowded(12, spread),
  },
  { ...base, title: 'one class', shape: [5, 400], multiLabel: true, fill: crowded(5, spread) },
  { ...base, title: 'eighty classes', shape: [84, 300], confidence: 0.9, multiLabel: true, fill: crowded(3, spread) },
  { ...base, title: 'none above the threshold', shape: [8, 200], fill: crowded(4, (from) => from.next() * 0.25) },
  { ...base, title: 'more than fit', shape: [6, 3000], maxDetections: 20, fill: crowded(60, spread) },
  {
    ...base,
    title: 'more candidates than are looked at',
    shape: [6, 20_000],
    confidence: 0,
    multiLabel: true,
    fill: crowded(90, spread),
  },
  { ...base, title: 'a wide picture', shape: [8, 525], width: 1281, height: 721, fill: crowded(12, spread) },
  {
    ...base,
    title: 'a tall picture, tight limit',
    shape: [8, 525],
    iou: 0.45,
    width: 97,
    height: 211,
    fill: crowded(12, spread),
  },
  {
    ...base,
    title: 'end to end',
    shape: [300, 6],
    width: 640,
    height: 480,
    fill: (from) =>
      Float32Array.from({ length: 1800 }, (_, i) =>
        i % 6 === 4
          ? 1 - i / 1800
          : i % 6 === 5
            ? from.int(4)
            : i % 6 < 2
              ? from.uniform(-9, 80)
              : from.uniform(80, 170),
      ),
  },
  {
    ...base,
    ties: true,
    title: 'scores at the threshold',
    shape: [8, 200],
    fill: crowded(40, (from) => (from.next() < 0.5 ? 0.25 : 0.2500001)),
  },
  {
    ...base,
    ties: true,
    title: 'equal scores',
    shape: [8, 200],
    fill: crowded(30, (from) => from.pick([0.1, 0.5, 0.75])),
  },
  {
    ...base,
    ties: true,
    title: 'equal boxes',
    shape: [6, 300],
    fill: (from, classes, anchors) => {
      const out = crowded(1, spread)(from, classes, anchors)
      for (let row = 0; row < 4; row++) out.fill(50, row * anchors, (row + 1) * anchors)
      return out
    },
  },
]
const filled = heads.map((head) => head.fill(random, head.shape[0] - 4, head.shape[1]))
const rgb = pictures.map(([width, height]) => Uint8Array.from({ length: width * height * 3 }, () => random.int(256)))
let found: number[][][] = []

beforeAll(async () => {
  rgb.forEach((bytes, i) => {
    writeFileSync(join(folder, `picture${i}.bin`), bytes)
  })
  filled.forEach((values, i) => {
    writeFileSync(join(folder, `head${i}.bin`), new Uint8Array(values.buffer))
  })
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ pictures, heads }))
  const oracle = fileURLToPath(new URL('ultralytics-oracle.py', import.meta.url))
  await execa(pythonTool('python'), [oracle, folder])
  found = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as number[][][]
})

test.each(pictures.map((picture, i) => [...picture, i] as const))(
  'a %i × %i picture comes to lie on %i × itself byte for byte as in the reference',
  (width, height, size, i) => {
    const picture = { width, height, rgb: rgb[i] as Uint8Array }
    const out = new Float32Array(3 * size * size)
    letterboxInto(picture, letterboxOf(width, height, size), 'RGB', out)
    const tensor = createLetterboxTensor(size)
    tensor.draw(picture, letterboxOf(width, height, size), 'RGB')
    expect(tensor.pixels).toEqual(out)
    const expected = readFileSync(join(folder, `letterboxed${i}.bin`))
    const wrong = { pixels: 0, most: 0 }
    expected.forEach((value, at) => {
      const ours = Math.round((out[(at % 3) * size * size + Math.floor(at / 3)] as number) * 255)
      if (ours !== value) wrong.pixels++
      wrong.most = Math.max(wrong.most, Math.abs(ours - value))
    })
    expect(expected.length).toBe(out.length)
    expect(wrong).toEqual({ pixels: 0, most: 0 })
  },
)

test.each(heads.map((head, i) => [head.title, i] as const))('boxes equal the reference: %s', (title, i) => {
  const head = heads[i] as Head
  const box = letterboxOf(head.width, head.height, head.size)
  const layout = headOf([1, ...head.shape], { classes: null, endToEnd: title === 'end to end' })
  const ours = decode(filled[i] as Float32Array, layout, box, head)
  const rows = Array.from({ length: ours.count }, (_, row) => {
    const [x = 0, y = 0, w = 0, h = 0] = [ours.x[row], ours.y[row], ours.w[row], ours.h[row]]
    return [x, y, x + w, y + h, ours.score[row], ours.classId[row]]
  })
  expect(rows).toEqual(found[i])
  expect(rows.length === 0).toBe(title === 'none above the threshold')
})

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createImages } from '../../src/adapters/images.ts'
import { constantModel, rawHead } from '../adapters/onnx-writer.ts'

export type PixelBox = { cx: number; cy: number; w: number; h: number; classId: number; score: number }

export const serving = {
  imageSize: 32,
  channels: 'RGB' as const,
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}

/** What the models of these tests find on every picture, in pixels of a 32 × 32 one. */
export const found: PixelBox[] = [
  { cx: 8, cy: 8, w: 10, h: 10, classId: 0, score: 0.9 },
  { cx: 24, cy: 20, w: 8, h: 16, classId: 1, score: 0.75 },
]

/** A model file that finds the same boxes on every picture; returns its path. */
export function modelFile(folder: string, name: string, boxes: PixelBox[], names = "{0: 'dog', 1: 'cat'}"): string {
  const path = join(folder, name)
  const metadata = { names, end2end: 'False', imgsz: '[32, 32]', args: "{'nms': False}" }
  writeFileSync(path, constantModel({ ...rawHead(2, 21, boxes), metadata }))
  return path
}

/** A data set in the repository's layout: images of 64 × 64, labels given a row an image, two cameras, two scenes. */
export async function dataFolder(labels: string[]): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-model-'))
  const write = (file: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  const names = labels.map((_, i) => `picture${i}`)
  const { encodePng } = createImages()
  for (const [i, name] of names.entries()) {
    write(`images/${name}.png`, await encodePng({ width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3).fill(i) }))
    write(`labels/${name}.txt`, labels[i] as string)
  }
  write('data.yaml', 'path: .\ntrain: splits/train.txt\nval: splits/val.txt\nnames: [dog, cat]\n')
  write('splits/train.txt', '')
  write('splits/val.txt', names.map((name) => `images/${name}.png\n`).join(''))
  const line = (name: string, i: number) =>
    JSON.stringify({ image: name, camera: i % 2 ? 'hall' : 'yard', scene: `scene${i >> 1}` })
  write('provenance.ndjson', names.map((name, i) => `${line(name, i)}\n`).join(''))
  return root
}

/** YOLO rows of boxes given in pixels of 32 × 32. */
export function rowsOf(boxes: Omit<PixelBox, 'score'>[]): string {
  return boxes
    .map(({ classId, cx, cy, w, h }) => `${classId} ${[cx, cy, w, h].map((v) => v / 32).join(' ')}\n`)
    .join('')
}

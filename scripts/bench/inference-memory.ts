// Memory over ten thousand pictures: node scripts/bench/inference-memory.ts [pictures]; fails when it grows with them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { predictImages } from '../../src/steps/predict-images.ts'
import { constantModel, rawHead } from '../../test/adapters/onnx-writer.ts'

const pictures = Number(process.argv[2] ?? 10_000)
/** What is kept of a picture is its boxes; a leak of one decoded picture each would be 12 KiB. */
const mostKiB = 6
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-memory-'))
const serving = {
  imageSize: 32,
  channels: 'RGB',
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
} as const

try {
  const boxes = [{ cx: 16, cy: 16, w: 8, h: 4, classId: 1, score: 0.5 }]
  writeFileSync(join(folder, 'model.onnx'), constantModel(rawHead(2, 21, boxes)))
  const images = createImages()
  const rgb = new Uint8Array(64 * 64 * 3).fill(90)
  writeFileSync(join(folder, 'picture.png'), await images.encodePng({ width: 64, height: 64, rgb }))
  const detector = await createOnnxRuntime().load(join(folder, 'model.onnx'), serving, 1)
  const image = {
    name: 'picture',
    file: 'picture.png',
    labelFile: null,
    split: 'val' as const,
    width: 64,
    height: 64,
    md5: null,
    provenance: null,
  }
  const wanted = Array.from({ length: pictures }, () => image)
  let settled = 0
  let most = 0
  const update = (done: number) => {
    const now = process.memoryUsage.rss()
    // The first half fills heaps and the allocator's arenas.
    if (done <= pictures / 2) settled = Math.max(settled, now)
    else most = Math.max(most, now)
  }
  const progress = { update, end: () => {} }
  const { detections } = await predictImages(
    { images, storage: createStorage() },
    detector,
    { root: folder },
    wanted,
    progress,
  )
  if (detections.count !== pictures) throw new Error(`${detections.count} boxes of ${pictures} pictures`)
  const growth = (most - settled) / 1024 / (pictures / 2)
  console.log(
    `${pictures} pictures: ${(settled / 2 ** 20).toFixed(0)} MiB at most in the first half, ${(most / 2 ** 20).toFixed(0)} MiB in the second, ` +
      `${growth.toFixed(2)} KiB a picture (limit ${mostKiB}: ${growth <= mostKiB ? 'met' : 'NOT met'})`,
  )
  process.exitCode = growth <= mostKiB ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// One process of our way from picture in memory to boxes: node ours.ts FOLDER SIZE
import { readFileSync } from 'node:fs'
import type { PartsMs } from '../../../src/adapters/detector.ts'
import { createImages } from '../../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../../src/adapters/onnx/runtime.ts'
import { quantile } from '../../../src/core/stats/quantiles.ts'

const [folder = '', size = ''] = process.argv.slice(2)
const serving = { channels: 'RGB', confidence: 0.05, iou: 0.7, maxDetections: 300, multiLabel: false } as const
const runtime = createOnnxRuntime()
const detector = await runtime.load(`${folder}/model.onnx`, { ...serving, imageSize: Number(size) }, 1)
const pictures = Array.from({ length: 8 }, (_, i) => ({
  width: 960,
  height: 960,
  rgb: readFileSync(`${folder}/${i}.bin`),
}))
const files = pictures.map((_, i) => readFileSync(`${folder}/${i}.jpg`))
const images = createImages()
const times: PartsMs[] = []
const decodeMs: number[] = []
const boxes: number[][][] = []
for (let i = -12; i < 24; i++) {
  const started = performance.now()
  await images.decode(files[(i + 16) % 8] as Buffer)
  if (i >= 0) decodeMs.push(performance.now() - started)
  const { detections, partsMs } = await detector.predictTimed(pictures[(i + 16) % 8] as (typeof pictures)[number])
  if (i < 0) continue
  times.push(partsMs)
  if (i >= 8) continue
  const { x, y, w, h, score, classId } = detections
  boxes.push(Array.from(x, (left, k) => [left, y[k]!, left + w[k]!, y[k]! + h[k]!, score[k]!, classId[k]!]))
}
const median = (part: keyof PartsMs) =>
  quantile(
    times.map((ms) => ms[part]),
    0.5,
  )
const ms = {
  decode: quantile(decodeMs, 0.5),
  preprocess: median('preprocess'),
  inference: median('inference'),
  postprocess: median('postprocess'),
}
console.log(JSON.stringify({ ms, boxes }))

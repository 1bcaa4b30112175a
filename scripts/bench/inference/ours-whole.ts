// One process of our way from 200 files to boxes, as sluice evaluate goes it: node ours-whole.ts FOLDER SIZE
import { createImages } from '../../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../../src/adapters/storage.ts'
import { predictImages } from '../../../src/steps/predict-images.ts'

const [folder = '', size = ''] = process.argv.slice(2)
const serving = { channels: 'RGB', confidence: 0.05, iou: 0.7, maxDetections: 300, multiLabel: false } as const
const detector = await createOnnxRuntime().load(`${folder}/model.onnx`, { ...serving, imageSize: Number(size) }, 1)
const ports = { images: createImages(), storage: createStorage() }
const unknown = { labelFile: null, split: 'val', width: 960, height: 960, md5: null, provenance: null } as const
const list = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...unknown, name: `${i}`, file: `${i % 8}.jpg` }))
let halfMiB = 0
const peak = () => process.resourceUsage().maxRSS / 1024
const progress = {
  update: (done: number) => {
    if (done === 100) halfMiB = peak()
  },
  end: () => {},
}
await predictImages(ports, detector, { root: folder }, list(12))
const [started, before] = [performance.now(), process.cpuUsage()]
const { detections } = await predictImages(ports, detector, { root: folder }, list(200), progress)
const ms = (performance.now() - started) / 200
const { user, system } = process.cpuUsage(before)
const boxes: number[][][] = Array.from({ length: 8 }, () => [])
const { image, x, y, w, h, score, classId } = detections
for (let k = 0; k < detections.count && image[k]! < 8; k++)
  boxes[image[k]!]!.push([x[k]!, y[k]!, x[k]! + w[k]!, y[k]! + h[k]!, score[k]!, classId[k]!])
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000 / 200, halfMiB, peakMiB: peak(), boxes }))

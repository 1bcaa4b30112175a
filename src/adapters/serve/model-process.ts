import sharp from 'sharp'
import type { DetectionColumns } from '../../core/metrics/columns.ts'
import type { Detector, Picture, Serving } from '../../ports.ts'
import { createOnnxRuntime } from '../onnx/runtime.ts'
import type { ImageInput } from './protocol.ts'

/** One model in its own process: a crash in native code takes only this arm down. */
export type ToModel =
  | { type: 'load'; artifact: string; serving: Serving; threads: number }
  | { type: 'predict'; id: number; image: ImageInput }
export type FromModel =
  | { type: 'ready'; classCount: number }
  | { type: 'refused'; message: string }
  | { type: 'boxes'; id: number; ms: number; cpuMs: number; detections: DetectionColumns }
  | { type: 'bad-input'; id: number; message: string }
  | { type: 'error'; id: number; message: string }

// A frame of 8192 × 8192 pixels is the most that is decoded.
const limitInputPixels = 8192 * 8192
let detector: Detector | null = null

process.on('message', async (message: ToModel) => {
  if (message.type === 'load') return tell(await load(message))
  tell(await predict(message.id, message.image))
})
// The parent is gone: so is the reason to live.
process.on('disconnect', () => process.exit(0))

async function load(message: Extract<ToModel, { type: 'load' }>): Promise<FromModel> {
  try {
    detector = await createOnnxRuntime().load(message.artifact, message.serving, message.threads)
    return { type: 'ready', classCount: detector.classCount }
  } catch (error) {
    return { type: 'refused', message: (error as Error).message }
  }
}

async function predict(id: number, image: ImageInput): Promise<FromModel> {
  const started = performance.now()
  const cpuBefore = process.cpuUsage()
  let picture: Picture
  try {
    picture = await decode(image)
  } catch (error) {
    return { type: 'bad-input', id, message: `the image cannot be decoded: ${(error as Error).message}` }
  }
  try {
    if (!detector) throw new Error('no model is loaded')
    const detections = await detector.predict(picture)
    if (![detections.score, detections.x, detections.y, detections.w, detections.h].every(finite)) {
      return { type: 'error', id, message: 'the model gave numbers that are not finite' }
    }
    const { user, system } = process.cpuUsage(cpuBefore)
    const cpuMs = (user + system) / 1000
    return { type: 'boxes', id, ms: performance.now() - started, cpuMs, detections }
  } catch (error) {
    return { type: 'error', id, message: (error as Error).message }
  }
}

async function decode(image: ImageInput): Promise<Picture> {
  if (image.kind === 'rgb') return { width: image.width, height: image.height, rgb: image.bytes }
  const { data, info } = await sharp(image.bytes, { limitInputPixels, failOn: 'error' })
    .rotate()
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`${info.channels} channels, expected 3`)
  return { width: info.width, height: info.height, rgb: data }
}

function finite(values: Float64Array): boolean {
  return values.every(Number.isFinite)
}

function tell(message: FromModel): void {
  process.send?.(message)
}

import { decode, type Head, headOf, type Scores } from '../core/detect/decode.ts'
import { type Letterbox, letterboxOf, levelsOf, stretchOf } from '../core/detect/letterbox.ts'
import { createLetterboxTensor } from '../core/detect/letterbox-tensor.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import type { DetectionColumns } from '../core/metrics/columns.ts'
import type { Detector, Picture, Serving } from '../ports.ts'

export type PartsMs = { preprocess: number; inference: number; postprocess: number }
export type Output = { data: Scores; dims: readonly number[] }

/** A loaded network of whatever format: planes of [1, 3, size, size] in, its one output back. */
export type Network = {
  path: string
  names: string[] | null
  endToEnd: boolean | null
  infer: (pixels: Float32Array) => Promise<Output>
  release: () => Promise<void>
}

export type TimedDetector = Detector & {
  classNames: string[] | null
  predictTimed: (picture: Picture) => Promise<{ detections: DetectionColumns; partsMs: PartsMs }>
}

/** The way from picture to boxes that every format shares; runs the network once on grey to learn its head. */
export async function detectorOf(network: Network, serving: Serving): Promise<TimedDetector> {
  const { pixels, draw } = createLetterboxTensor(serving.imageSize)
  pixels.fill(114 / 255)
  const levels = levelsOf(serving.scale, serving.padding)
  const head = await probe(network, pixels)
  const fill = (picture: Picture) => draw(picture, placeOf(picture, serving), serving.channels, levels)
  const predictTimed = async (picture: Picture) => {
    const started = performance.now()
    fill(picture)
    const prepared = performance.now()
    const { data } = await network.infer(pixels)
    const inferred = performance.now()
    const detections = named(network, () => decode(data, head, placeOf(picture, serving), serving))
    const ended = performance.now()
    const partsMs = { preprocess: prepared - started, inference: inferred - prepared, postprocess: ended - inferred }
    return { detections, partsMs }
  }
  return {
    artifact: network.path,
    classCount: network.names?.length ?? (head.kind === 'raw' ? head.classes : 0),
    classNames: network.names,
    predictTimed,
    predict: async (picture) => (await predictTimed(picture)).detections,
    tensor: async (picture) => {
      fill(picture)
      const { data } = await network.infer(pixels)
      // The runtime may write its next answer into the same memory.
      return { values: Float32Array.from(data), head }
    },
    release: network.release,
  }
}

/** Multi-label is the trainer's validation mode, which also rounds the resized sides its own way. */
function placeOf(picture: Picture, serving: Serving): Letterbox {
  if (serving.fit === 'stretch') return stretchOf(picture.width, picture.height, serving.imageSize)
  return letterboxOf(picture.width, picture.height, serving.imageSize, serving.multiLabel ? 'validate' : 'predict')
}

async function probe(network: Network, pixels: Float32Array): Promise<Head> {
  const { dims } = await network.infer(pixels).catch((error: unknown) => {
    if (error instanceof UsageError || error instanceof ToolError) throw error
    throw new UsageError(`the model does not run: ${(error as Error).message.trim()}`, {
      where: network.path,
      mend: 'check the export on one picture; its input size may not be the one asked for',
      cause: error,
    })
  })
  return named(network, () => headOf(dims, { classes: network.names?.length ?? null, endToEnd: network.endToEnd }))
}

/** Says which file an error of the pure part is about. */
function named<T>(network: Network, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, { where: network.path, mend: error.mend }) : error
  }
}

/** UsageError for a setting that no model can be served with. */
export function checkServing(serving: Serving, threads: number): void {
  const wrong = (what: string) => new UsageError(what, { mend: 'give another value' })
  if (!Number.isInteger(serving.imageSize) || serving.imageSize < 32 || serving.imageSize > 4096) {
    throw wrong(`image size ${serving.imageSize} is not a whole number from 32 to 4096`)
  }
  if (!(serving.confidence >= 0 && serving.confidence <= 1))
    throw wrong(`confidence ${serving.confidence} is not in [0, 1]`)
  if (!(serving.iou >= 0 && serving.iou <= 1)) throw wrong(`IoU ${serving.iou} is not in [0, 1]`)
  const { padding = 114, scale = 1 } = serving
  if (!(Number.isInteger(padding) && padding >= 0 && padding <= 255)) throw wrong(`padding ${padding} is no grey level`)
  if (!(Number.isFinite(scale) && scale > 0)) throw wrong(`scale ${scale} is not above 0`)
  if (!Number.isInteger(serving.maxDetections) || serving.maxDetections < 1) {
    throw wrong(`${serving.maxDetections} is no number of detections`)
  }
  if (!Number.isInteger(threads) || threads < 1) throw wrong(`${threads} is no number of threads`)
}

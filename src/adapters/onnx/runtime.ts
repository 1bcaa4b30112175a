import type { Tensor } from 'onnxruntime-node'
import { decode, type Head, headOf, type Scores } from '../../core/detect/decode.ts'
import { type Letterbox, letterboxOf, levelsOf, stretchOf } from '../../core/detect/letterbox.ts'
import { createLetterboxTensor } from '../../core/detect/letterbox-tensor.ts'
import { UsageError } from '../../core/errors.ts'
import type { DetectionColumns } from '../../core/metrics/columns.ts'
import type { Detector, Picture, Serving } from '../../ports.ts'
import { type ModelFile, readModelFile } from './model-file.ts'
import { imageInput, type Ort, openSession, type Provider } from './session.ts'

export type PartsMs = { preprocess: number; inference: number; postprocess: number }

/** A detector that also tells where the time of one picture went, and what its file says of itself. */
type OnnxDetector = Detector & {
  classNames: string[] | null
  sha256: string
  predictTimed: (picture: Picture) => Promise<{ detections: DetectionColumns; partsMs: PartsMs }>
}

/** The runtime port, with what this one can tell beyond it. */
export type OnnxRuntime = {
  load: (artifact: string, serving: Serving, threads: number) => Promise<OnnxDetector>
}

/** Runs ONNX detectors through ONNX Runtime, on the CPU unless another provider is named. */
export function createOnnxRuntime(provider: Provider = 'cpu'): OnnxRuntime {
  return {
    load: async (artifact, serving, threads) => loadDetector(readModelFile(artifact), serving, threads, provider),
  }
}

/** Opens the model and runs it once on grey, so that a file that cannot serve is refused before work begins. */
async function loadDetector(
  file: ModelFile,
  serving: Serving,
  threads: number,
  provider: Provider,
): Promise<OnnxDetector> {
  checkServing(serving, threads)
  const { ort, session } = await openSession(file, threads, provider)
  const size = serving.imageSize
  const input = imageInput(session, file, size)
  const { pixels, draw } = createLetterboxTensor(size)
  const half = input.type === 'float16' ? new Float16Array(pixels.length) : null
  const output = session.outputNames[0] as string

  const infer = async (): Promise<{ data: Scores; dims: readonly number[] }> => {
    const shape = [1, 3, size, size]
    half?.set(pixels)
    const tensor = half ? halfTensor(ort, half, shape) : new ort.Tensor('float32', pixels, shape)
    const result = (await session.run({ [input.name]: tensor }, [output]))[output] as Tensor
    return { data: scoresOf(result, file), dims: result.dims }
  }
  pixels.fill(114 / 255)
  const levels = levelsOf(serving.scale, serving.padding)
  const head = await probe(infer, file)

  const predictTimed = async (picture: Picture) => {
    const started = performance.now()
    draw(picture, placeOf(picture, serving), serving.channels, levels)
    const prepared = performance.now()
    const { data } = await infer()
    const inferred = performance.now()
    const detections = named(file, () => decode(data, head, placeOf(picture, serving), serving))
    const ended = performance.now()
    const partsMs = { preprocess: prepared - started, inference: inferred - prepared, postprocess: ended - inferred }
    return { detections, partsMs }
  }
  const classNames = file.metadata.names
  return {
    artifact: file.path,
    sha256: file.sha256,
    classCount: classNames?.length ?? (head.kind === 'raw' ? head.classes : 0),
    classNames,
    calibration: calibrationOf(file),
    predictTimed,
    predict: async (picture) => (await predictTimed(picture)).detections,
    release: () => session.release(),
  }
}

/** What sluice export wrote; anything else under that name is no digest. */
function calibrationOf({ metadata }: ModelFile): string | null {
  const said = metadata.raw.calibration ?? ''
  return /^[0-9a-f]{64}$/.test(said) ? said : null
}

/** The native binding takes float16 only as raw 16-bit words, which the tensor's constructor would wrap again. */
function halfTensor(ort: Ort, half: Float16Array, shape: number[]): Tensor {
  const words = new Uint16Array(half.buffer)
  const tensor = new ort.Tensor('float16', words, shape)
  Object.defineProperty(tensor, 'data', { value: words })
  return tensor
}

/** Multi-label is the trainer's validation mode, which also rounds the resized sides its own way. */
function placeOf(picture: Picture, serving: Serving): Letterbox {
  if (serving.fit === 'stretch') return stretchOf(picture.width, picture.height, serving.imageSize)
  return letterboxOf(picture.width, picture.height, serving.imageSize, serving.multiLabel ? 'validate' : 'predict')
}

async function probe(infer: () => Promise<{ dims: readonly number[] }>, file: ModelFile): Promise<Head> {
  const { dims } = await infer().catch((error: unknown) => {
    if (error instanceof UsageError) throw error
    throw new UsageError(`the model does not run: ${(error as Error).message.trim()}`, {
      where: file.path,
      mend: 'check the export on one picture; its input size may not be the one asked for',
      cause: error,
    })
  })
  const { names, endToEnd } = file.metadata
  return named(file, () => headOf(dims, { classes: names?.length ?? null, endToEnd }))
}

function scoresOf(tensor: Tensor, file: ModelFile): Scores {
  if (tensor.data instanceof Float32Array || tensor.data instanceof Float16Array) return tensor.data
  throw new UsageError(`the output is ${tensor.type}, expected float32 or float16`, { where: file.path })
}

/** Says which file an error of the pure part is about. */
function named<T>(file: ModelFile, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, { where: file.path, mend: error.mend }) : error
  }
}

function checkServing(serving: Serving, threads: number): void {
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

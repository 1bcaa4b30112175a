import type { Tensor } from 'onnxruntime-node'
import type { Scores } from '../../core/detect/decode.ts'
import { UsageError } from '../../core/errors.ts'
import type { Serving } from '../../ports.ts'
import { checkServing, detectorOf, type Output, type TimedDetector } from '../detector.ts'
import { type ModelFile, readModelFile } from './model-file.ts'
import type { Provider } from './providers.ts'
import { imageInput, type Ort, openSession } from './session.ts'

/** A detector that also tells where the time of one picture went, and what its file says of itself. */
type OnnxDetector = TimedDetector & { sha256: string }

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
  const shape = [1, 3, size, size]
  const input = imageInput(session, file, size)
  const half = input.type === 'float16' ? new Float16Array(3 * size * size) : null
  const output = session.outputNames[0] as string
  const infer = async (pixels: Float32Array): Promise<Output> => {
    half?.set(pixels)
    const tensor = half ? halfTensor(ort, half, shape) : new ort.Tensor('float32', pixels, shape)
    const result = (await session.run({ [input.name]: tensor }, [output]))[output] as Tensor
    return { data: scoresOf(result, file), dims: result.dims }
  }
  const { names, endToEnd } = file.metadata
  const detector = await detectorOf(
    { path: file.path, names, endToEnd, infer, release: () => session.release() },
    serving,
  )
  return { ...detector, sha256: file.sha256, calibration: calibrationOf(file) }
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

function scoresOf(tensor: Tensor, file: ModelFile): Scores {
  if (tensor.data instanceof Float32Array || tensor.data instanceof Float16Array) return tensor.data
  throw new UsageError(`the output is ${tensor.type}, expected float32 or float16`, { where: file.path })
}

import type { InferenceSession } from 'onnxruntime-node'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { ModelFile } from './model-file.ts'
import { installedProviders, type Provider } from './providers.ts'

export type Ort = typeof import('onnxruntime-node')

/** onnxruntime-node, loaded when first needed: 40 MB that most commands never touch. */
async function loadOrt(): Promise<Ort> {
  try {
    return await import('onnxruntime-node')
  } catch (error) {
    throw new ToolError('ONNX Runtime does not load on this machine', {
      mend: 'npm install onnxruntime-node; it needs glibc (not musl) on Linux, and arm64 on macOS',
      cause: error,
    })
  }
}

export type Input = { name: string; type: 'float32' | 'float16'; size: number }

/** One session on the provider with exactly the given threads; UsageError when the file is no model that runs here. */
export async function openSession(
  file: ModelFile,
  threads: number,
  provider: Provider = 'cpu',
): Promise<{ ort: Ort; session: InferenceSession }> {
  const ort = await loadOrt()
  const installed = installedProviders(ort.listSupportedBackends())
  if (provider !== 'cpu' && !installed.includes(provider)) throw noProvider(provider, `it has ${installed.join(', ')}`)
  try {
    const session = await ort.InferenceSession.create(file.bytes, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // Waiting threads sleep: spinning ones cost a busy machine more than they gain.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
    return { ort, session }
  } catch (error) {
    const { message } = error as Error
    if (provider !== 'cpu' && absent.test(message))
      throw noProvider(provider, message.trim().split('\n')[0]?.slice(0, 200) ?? '', error)
    throw new UsageError(`ONNX Runtime refuses the model: ${(error as Error).message.trim()}`, {
      where: file.path,
      mend: 'export it again as one self-contained .onnx file, at opset 18 or lower',
      cause: error,
    })
  }
}

/** How ONNX Runtime says that a provider's library, or one that it needs, is not there. */
const absent =
  /onnxruntime_providers|shared library|backend not found|no available backend|not enabled in this build|CUDA (?:failure|driver)/i

function noProvider(provider: Provider, why: string, cause?: unknown): UsageError {
  return new UsageError(`ONNX Runtime has no ${provider} here, so nothing was measured on it: ${why}`, {
    mend: `install the ${provider} libraries of onnxruntime-node (Linux x64, CUDA 12, cuDNN 9), or take --provider cpu`,
    cause,
  })
}

/** The one image input [1, 3, size, size]; dynamic dimensions take the wanted size. */
export function imageInput(session: InferenceSession, file: ModelFile, imageSize: number): Input {
  const refuse = (what: string, mend: string) => new UsageError(what, { where: file.path, mend })
  if (session.inputMetadata.length !== 1) {
    throw refuse(
      `the model has ${session.inputMetadata.length} inputs (${session.inputNames.join(', ')}), a detector has one picture`,
      'export the detector alone, without further inputs',
    )
  }
  const [input] = session.inputMetadata
  if (!input?.isTensor || (input.type !== 'float32' && input.type !== 'float16')) {
    throw refuse(
      `input "${input?.name}" is ${input?.isTensor ? input.type : 'no tensor'}, expected float32 or float16`,
      'export with a float input in [0, 1]',
    )
  }
  const shape = input.shape
  const told = `input "${input.name}" is [${shape.join(', ')}]`
  const fits = (at: number, wanted: number) => typeof shape[at] !== 'number' || shape[at] === wanted || shape[at] === -1
  if (shape.length !== 4 || !fits(0, 1) || !fits(1, 3)) {
    throw refuse(`${told}, expected [1, 3, ${imageSize}, ${imageSize}]`, 'export with batch 1, planes first')
  }
  if (!fits(2, imageSize) || !fits(3, imageSize)) {
    throw refuse(`${told}, but pictures are served at ${imageSize}`, `serve at ${shape[2]} (--image-size ${shape[2]})`)
  }
  return { name: input.name, type: input.type, size: imageSize }
}

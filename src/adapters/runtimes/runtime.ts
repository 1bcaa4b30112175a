import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { runtimeOf } from '../../core/detect/artifact-format.ts'
import { UsageError } from '../../core/errors.ts'
import type { Runtime, Serving } from '../../ports.ts'
import { checkServing, detectorOf, type Network } from '../detector.ts'
import { createOnnxRuntime } from '../onnx/runtime.ts'
import { runtimePython } from '../tools.ts'
import { openPythonNetwork, type PythonRuntime } from './python-network.ts'
import { openTensorRt } from './trtexec.ts'

/**
 * Runs an artefact with what its name asks for: ONNX Runtime here, PyTorch, OpenVINO and TFLite in Python, engines through
 * trtexec. With `tensorRt` an ONNX file is built into an engine first. NotRunnableError where the tool is missing.
 */
export function createArtifactRuntime(options: { python?: string; tensorRt?: 'fp32' | 'fp16' | 'int8' } = {}): Runtime {
  return {
    load: async (artifact, serving, threads) => {
      const runtime = runtimeOf(artifact)
      if (runtime === null) {
        const mend = 'it ends in .onnx, .pt, .xml, _openvino_model, .tflite, .engine or .plan'
        throw new UsageError('the name of this artefact says no format', { where: artifact, mend })
      }
      const precision = options.tensorRt
      if (runtime === 'onnx' && !precision) return createOnnxRuntime().load(artifact, serving, threads)
      checkServing(serving, threads)
      const network =
        runtime === 'tensorrt' || runtime === 'onnx'
          ? await openTensorRt(artifact, serving.imageSize, {
              onnx: runtime === 'onnx',
              flags: precision && precision !== 'fp32' ? [`--${precision}`] : [],
            })
          : await inPython(options.python, runtime, artifact, serving, threads)
      try {
        return await detectorOf(network, serving)
      } catch (error) {
        await network.release()
        throw error
      }
    },
  }
}

async function inPython(
  python: string | undefined,
  runtime: PythonRuntime,
  artifact: string,
  serving: Serving,
  threads: number,
): Promise<Network> {
  if (!existsSync(artifact)) throw new UsageError('there is no such model', { where: artifact, mend: 'check the path' })
  const file = runtime === 'openvino' ? graphOf(artifact) : artifact
  const job = { runtime, artifact: file, imageSize: serving.imageSize, threads }
  const network = await openPythonNetwork(python ?? runtimePython(runtime === 'pytorch'), job)
  return runtime === 'openvino' ? { ...network, ...besideGraph(file) } : network
}

/** The graph of an OpenVINO model, which is a file, or a folder with one. */
function graphOf(artifact: string): string {
  if (!statSync(artifact).isDirectory()) return artifact
  const [graph, second] = readdirSync(artifact).filter((name) => name.endsWith('.xml'))
  if (graph && !second) return join(artifact, graph)
  throw new UsageError('an OpenVINO model is a folder with one .xml', { where: artifact, mend: 'name the .xml itself' })
}

/** What the exporter wrote beside the graph; nothing where it is not there. */
function besideGraph(graph: string): Partial<Pick<Network, 'names' | 'endToEnd'>> {
  const file = join(dirname(graph), 'metadata.yaml')
  if (!existsSync(file)) return {}
  const facts = parse(readFileSync(file, 'utf8')) as { names?: Record<string, string>; end2end?: boolean } | null
  return {
    ...(facts?.names ? { names: Object.values(facts.names).map(String) } : {}),
    ...(typeof facts?.end2end === 'boolean' ? { endToEnd: facts.end2end } : {}),
  }
}

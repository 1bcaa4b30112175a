import { basename, join, resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createLatencyMeasure } from '../../adapters/onnx/latency.ts'
import { measuredOn } from '../../adapters/onnx/latency-target.ts'
import { readModelFile } from '../../adapters/onnx/model-file.ts'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { bench } from '../../steps/bench.ts'
import { readArguments } from '../arguments.ts'
import { latencyLines } from '../latency-lines.ts'
import type { Command } from '../main.ts'
import { numberOf, servingOf, servingOptions } from '../serving-options.ts'

const pictures = /\.(?:png|jpe?g|webp|bmp|tiff?)$/i

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        ...servingOptions,
        images: { type: 'string' },
        runs: { type: 'string' },
        'per-run': { type: 'string' },
        limit: { type: 'string' },
        'limit-p95': { type: 'string' },
        slowdown: { type: 'string' },
        provider: { type: 'string' },
        target: { type: 'string' },
        streams: { type: 'string' },
        json: { type: 'string' },
        evidence: { type: 'string' },
      },
      { least: 2, most: 2, names: 'BASELINE.onnx CANDIDATE.onnx' },
    )
    if (!values.images) throw new UsageError('--images is missing', { mend: 'name a folder of pictures' })
    if (values.slowdown !== undefined && values.evidence !== undefined)
      throw new UsageError('--slowdown gives no evidence', { mend: 'leave out --evidence, or --slowdown' })
    const [baseline = '', candidate = ''] = positionals.map((path) => resolve(path))
    readModelFile(candidate)
    const storage = createStorage()
    const folder = resolve(values.images)
    const images = storage.list(folder).filter((file) => pictures.test(file))
    if (images.length === 0) throw new UsageError('there are no pictures in this folder', { where: values.images })
    const number = (name: 'runs' | 'per-run' | 'limit' | 'limit-p95' | 'slowdown' | 'streams', least: number) =>
      atLeast(`--${name}`, values[name], least)
    const limits = { p50: number('limit', 1), p95: number('limit-p95', 1) }
    const serving = servingOf(values, baseline, 0.25)
    const progress = console.progress('bench')
    const document = await bench(
      { measure: createLatencyMeasure(), storage },
      {
        baseline: { name: basename(baseline, '.onnx'), artifact: baseline },
        candidate: { name: basename(candidate, '.onnx'), artifact: candidate },
        images: images.map((file) => join(folder, file)),
        ...serving,
        ...measuredOn(values, serving.threads),
        runs: number('runs', 2),
        imagesPerRun: number('per-run', 1),
        settle: limits,
        slowdown: number('slowdown', 1),
        streams: number('streams', 1),
        progress,
      },
    )
    progress.end()
    for (const line of latencyLines(document.body, limits)) console.print(line)
    if (values.json) writeJson(values.json, document.body)
    // A machine changes under a measurement, which no digest tells: the one kind of evidence that ages by itself.
    if (values.evidence) writeJson(values.evidence, { ...document, meta: { createdAt: new Date().toISOString() } })
    return exitCodes.pass
  },
}

/** A number of at least `least`, or undefined where the option is not given. */
function atLeast(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = numberOf(option, text)
  if (value >= least) return value
  throw new UsageError(`${option} ${text} is below ${least}`, { mend: `give ${least} or more` })
}

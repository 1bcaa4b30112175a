import { basename, join, resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createLatencyMeasure } from '../../adapters/onnx/latency.ts'
import { latencyTarget, providerOf } from '../../adapters/onnx/latency-target.ts'
import { readModelFile } from '../../adapters/onnx/model-file.ts'
import { createStorage } from '../../adapters/storage.ts'
import { slowdownOf } from '../../core/compare/latency.ts'
import type { LatencyBody } from '../../core/documents/operational.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { bench } from '../../steps/bench.ts'
import { readArguments } from '../arguments.ts'
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
    const number = (name: 'runs' | 'per-run' | 'limit' | 'slowdown' | 'streams', least: number) =>
      atLeast(`--${name}`, values[name], least)
    const runs = number('runs', 2) ?? 10
    const limit = number('limit', 1)
    const provider = providerOf(values.provider)
    const serving = servingOf(values, baseline, 0.25)
    const progress = console.progress('bench')
    const document = await bench(
      { measure: createLatencyMeasure(), storage },
      {
        baseline: { name: basename(baseline, '.onnx'), artifact: baseline },
        candidate: { name: basename(candidate, '.onnx'), artifact: candidate },
        images: images.map((file) => join(folder, file)),
        ...serving,
        provider,
        target: values.target ?? latencyTarget(provider, serving.threads),
        runs,
        imagesPerRun: number('per-run', 1),
        settle: limit === undefined ? undefined : { p50: limit, most: 4 * runs },
        slowdown: number('slowdown', 1),
        streams: number('streams', 1),
        progress,
      },
    )
    progress.end()
    for (const line of linesOf(document.body, limit)) console.print(line)
    if (values.json) writeJson(values.json, document.body)
    // A machine changes under a measurement, which no digest tells: the one kind of evidence that ages by itself.
    if (values.evidence) writeJson(values.evidence, { ...document, meta: { createdAt: new Date().toISOString() } })
    return exitCodes.pass
  },
}

function linesOf({ target, arms, ratioP50, bounds, noise, clock }: LatencyBody, limit?: number): string[] {
  const { value, low = value, high = value } = ratioP50
  const ratio = `ratio at the median ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
  return [
    `on ${target}`,
    ...arms.map(armLine),
    `${ratio}, by ${clock === 'processor' ? 'processor time, since the machine was noisy' : 'the wall clock'}${noise.noisy ? ', noisy machine' : ''}`,
    ...(bounds && limit !== undefined
      ? [`${slowdownOf(bounds.p50, limit)}, where a ratio of ${limit} is allowed, after ${ratioP50.n} runs an arm`]
      : []),
    ...(noise.signs ?? []).map((sign) => `noise: ${sign}`),
  ]
}

function armLine(arm: LatencyBody['arms'][number]): string {
  const { partsMs: parts, streams } = arm
  const split = parts
    ? `; decode ${parts.decode}, preprocess ${parts.preprocess}, inference ${parts.inference}, postprocess ${parts.postprocess} ms`
    : ''
  const several = streams ? `, ${streams.imagesPerSecond} with ${streams.count} processes and decoding` : ''
  return `${arm.name}: p50 ${arm.p50Ms} ms, p95 ${arm.p95Ms} ms, ${arm.imagesPerSecond} images/s${several}, ${arm.peakMemoryMiB.toFixed(0)} MiB, loaded in ${arm.loadMs?.toFixed(0)} ms${split}`
}

/** A number of at least `least`, or undefined where the option is not given. */
function atLeast(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = numberOf(option, text)
  if (value >= least) return value
  throw new UsageError(`${option} ${text} is below ${least}`, { mend: `give ${least} or more` })
}

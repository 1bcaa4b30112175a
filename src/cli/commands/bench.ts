import { arch, cpus, platform } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createLatencyMeasure } from '../../adapters/onnx/latency.ts'
import { readModelFile } from '../../adapters/onnx/model-file.ts'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { bench } from '../../steps/bench.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'
import { numberOf, servingOf, servingOptions, servingUsage } from '../serving-options.ts'

const pictures = /\.(?:png|jpe?g|webp|bmp|tiff?)$/i

export const command: Command = {
  usage: `sluice bench BASELINE.onnx CANDIDATE.onnx --images DIR [options]

Times both in fresh processes, interleaved A B B A, and gives the ratio with its interval; a machine's
milliseconds are its own, the ratio travels.

  --images DIR     pictures, taken in turn
  --runs N         processes an arm, default 10
  --per-run N      timed pictures a run, default 40
${servingUsage}
  --json FILE      the result
  --evidence FILE  the whole document, for gates`,
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        ...servingOptions,
        images: { type: 'string' },
        runs: { type: 'string' },
        'per-run': { type: 'string' },
        json: { type: 'string' },
        evidence: { type: 'string' },
      },
      { least: 2, most: 2, names: 'BASELINE.onnx CANDIDATE.onnx' },
    )
    if (!values.images) throw new UsageError('--images is missing', { mend: 'name a folder of pictures' })
    const [baseline = '', candidate = ''] = positionals.map((path) => resolve(path))
    readModelFile(candidate)
    const storage = createStorage()
    const folder = resolve(values.images)
    const images = storage.list(folder).filter((file) => pictures.test(file))
    if (images.length === 0) throw new UsageError('there are no pictures in this folder', { where: values.images })
    const progress = console.progress('bench')
    const document = await bench(
      { measure: createLatencyMeasure(), storage },
      {
        baseline: { name: basename(baseline, '.onnx'), artifact: baseline },
        candidate: { name: basename(candidate, '.onnx'), artifact: candidate },
        images: images.map((file) => join(folder, file)),
        ...servingOf(values, baseline, 0.25),
        target: `${platform()} ${arch()}, ${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, ONNX Runtime CPU`,
        ...(values.runs === undefined ? {} : { runs: numberOf('--runs', values.runs) }),
        ...(values['per-run'] === undefined ? {} : { imagesPerRun: numberOf('--per-run', values['per-run']) }),
        progress,
      },
    )
    progress.end()
    const { body } = document
    for (const arm of body.arms) {
      console.print(`${arm.name}: p50 ${arm.p50Ms} ms, p95 ${arm.p95Ms} ms, ${arm.peakMemoryMiB.toFixed(0)} MiB`)
    }
    const { value, low = value, high = value } = body.ratioP50
    console.print(
      `ratio at the median ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]${body.noise.noisy ? ', noisy machine' : ''}`,
    )
    if (values.json) writeJson(values.json, body)
    if (values.evidence) writeJson(values.evidence, document)
    return exitCodes.pass
  },
}

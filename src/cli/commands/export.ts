import { join, resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createStorage } from '../../adapters/storage.ts'
import { readPipeline } from '../../adapters/ultralytics/read-pipeline.ts'
import { createUltralyticsTrainer } from '../../adapters/ultralytics/trainer.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { ExportJob } from '../../ports.ts'
import { drawImages, exportModel, spread } from '../../steps/export.ts'
import { readArguments } from '../arguments.ts'
import { exportFormats } from '../choices.ts'
import type { Command } from '../main.ts'
import { filesOfSplit, readTrainingSet } from '../training-images.ts'

const options = {
  output: { type: 'string' },
  data: { type: 'string' },
  formats: { type: 'string' },
  pipeline: { type: 'string', default: 'export' },
  seed: { type: 'string' },
  json: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'last.pt' })
    if (!values.output)
      throw new UsageError('--output is needed', { mend: 'sluice export last.pt --output artifacts/' })
    const pipeline = readPipeline(values.pipeline)
    const { formats, calibrationImages } = pipeline.arguments ?? {}
    const wanted = values.formats?.split(',') ?? (Array.isArray(formats) ? formats.map(String) : ['onnx'])
    const set = values.data === undefined ? null : readTrainingSet(values.data)
    const forbidden = set ? [...filesOfSplit(set, 'val').images, ...filesOfSplit(set, 'test').images] : []
    const choose = (images: string[], count: number) =>
      values.seed === undefined ? spread(images, count) : drawImages(images, count, values.seed)
    const progress = console.progress('export')
    const artifacts = await exportModel(
      { trainer: createUltralyticsTrainer(), storage: createStorage() },
      {
        weights: resolve(positionals[0] as string),
        imageSize: pipeline.imageSize,
        output: resolve(values.output),
        formats: wanted.map(formatOf),
        calibration: set ? choose(filesOfSplit(set, 'train').images, Number(calibrationImages ?? 64)) : [],
        drawn: values.seed === undefined ? 'spread' : `seed ${values.seed}`,
        forbidden,
        threads: pipeline.threads,
        progress,
      },
    )
    const made = artifacts.filter(({ missing }) => missing === undefined)
    progress.end(`${made.length} artefacts`)
    for (const { format, missing } of artifacts) if (missing) console.print(`${format.padEnd(13)} ${missing}`)
    for (const { format, path, bytes, sha256 } of made) {
      console.print(
        `${format.padEnd(13)} ${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${sha256.slice(0, 12)}  ${path}`,
      )
    }
    writeJson(values.json ?? join(resolve(values.output), 'export.json'), artifacts)
    return made.length === artifacts.length ? exitCodes.pass : exitCodes.tool
  },
}

function formatOf(word: string): ExportJob['formats'][number] {
  const format = exportFormats.find((name) => name === word.trim())
  if (!format) throw new UsageError(`there is no format "${word}"`, { mend: `one of ${exportFormats.join(', ')}` })
  return format
}

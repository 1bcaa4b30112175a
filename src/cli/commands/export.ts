import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readText, writeJson } from '../../adapters/files.ts'
import { createStorage } from '../../adapters/storage.ts'
import { readPipeline } from '../../adapters/ultralytics/read-pipeline.ts'
import { createUltralyticsTrainer } from '../../adapters/ultralytics/trainer.ts'
import { parseEvidence } from '../../core/documents/parse.ts'
import { trainRun } from '../../core/documents/training.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { ExportJob } from '../../ports.ts'
import { drawImages, exportModel, spread } from '../../steps/export.ts'
import { readArguments } from '../arguments.ts'
import { exportFormats } from '../choices.ts'
import type { Command } from '../main.ts'
import { numberOf } from '../serving-options.ts'
import { filesOfSplit, readTrainingSet } from '../training-images.ts'

const options = {
  output: { type: 'string' },
  data: { type: 'string' },
  formats: { type: 'string' },
  pipeline: { type: 'string' },
  'image-size': { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'last.pt' })
    if (!values.output)
      throw new UsageError('--output is needed', { mend: 'sluice export last.pt --output artifacts/' })
    const pipeline = readPipeline(values.pipeline ?? 'export')
    const weights = resolve(positionals[0] as string)
    const size = values['image-size']
    const trained = values.pipeline === undefined ? trainedSize(weights) : null
    const imageSize = size === undefined ? (trained ?? pipeline.imageSize) : sizeOf(size)
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
        weights,
        imageSize,
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

/** A side that the network's strides divide: another one would be rounded in silence. */
function sizeOf(text: string): number {
  const size = numberOf('--image-size', text)
  if (Number.isInteger(size / 32) && size >= 32 && size <= 4096) return size
  throw new UsageError(`--image-size ${text} is no multiple of 32 up to 4096`, { mend: 'give the size of training' })
}

/** The image size of the run that left its document beside the weights; null where there is none. */
function trainedSize(weights: string): number | null {
  const file = join(dirname(weights), 'train-run.json')
  if (!existsSync(file)) return null
  const { imgsz } = parseEvidence(trainRun, readText(file), file).body.arguments
  return typeof imgsz === 'number' ? imgsz : null
}

function formatOf(word: string): ExportJob['formats'][number] {
  const format = exportFormats.find((name) => name === word.trim())
  if (!format) throw new UsageError(`there is no format "${word}"`, { mend: `one of ${exportFormats.join(', ')}` })
  return format
}

import { join, resolve } from 'node:path'
import { writeJson } from '../../adapters/files.ts'
import { createStorage } from '../../adapters/storage.ts'
import { readPipeline } from '../../adapters/ultralytics/read-pipeline.ts'
import { createUltralyticsTrainer } from '../../adapters/ultralytics/trainer.ts'
import { datasetDigests } from '../../core/dataset/digest.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { smokeTrain } from '../../steps/smoke.ts'
import { trainModel } from '../../steps/train.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'
import { filesOfSplit, readTrainingSet } from '../training-images.ts'

const options = {
  data: { type: 'string' },
  output: { type: 'string' },
  'start-from': { type: 'string' },
  seed: { type: 'string' },
  role: { type: 'string' },
  json: { type: 'string' },
  evidence: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'PIPELINE' })
    if (!values.data || !values.output) {
      throw new UsageError('--data and --output are needed', {
        mend: 'sluice train champion --data data/worksite --output run/',
      })
    }
    const pipeline = readPipeline(positionals[0] as string)
    if (pipeline.role === 'export') {
      throw new UsageError(`${pipeline.name} is an export pipeline`, { mend: 'sluice export last.pt --output DIR' })
    }
    const output = resolve(values.output)
    const set = readTrainingSet(values.data)
    const subject = datasetDigests(set.dataset)
    const seed = values.seed === undefined ? {} : { seed: seedOf(values.seed) }
    const ports = { trainer: createUltralyticsTrainer(), storage: createStorage(), clock: { now: () => new Date() } }
    const progress = console.progress(pipeline.name)
    if (pipeline.role === 'smoke') {
      const { document } = await smokeTrain(ports, { pipeline, ...set, output, subject, progress, ...seed })
      progress.end(document.body.verdict)
      console.print(`${document.body.verdict}: ${document.body.reason}`)
      writeJson(values.evidence ?? join(output, 'smoke.json'), document)
      if (values.json) writeJson(values.json, document.body)
      return document.body.verdict === 'pass' ? exitCodes.pass : exitCodes.fail
    }
    const train = filesOfSplit(set, 'train')
    const document = await trainModel(ports, {
      pipeline,
      role: roleOf(values.role ?? pipeline.role),
      train: train.images,
      labels: train.labels,
      val: filesOfSplit(set, 'val').images,
      classes: set.dataset.classes,
      startFrom: values['start-from'] === undefined ? null : resolve(values['start-from']),
      ...seed,
      output,
      subject,
      progress,
    })
    const { body } = document
    progress.end(`${body.updates} updates`)
    console.print(
      `${body.role}: ${body.images.train} images, ${body.updates} updates in ${body.seconds.toFixed(0)} s, ` +
        `box loss ${body.curve[0]?.boxLoss.toFixed(2)} → ${body.curve.at(-1)?.boxLoss.toFixed(2)}, ` +
        `the trainer's own mAP50 ${body.trainerMetrics.map50.toFixed(3)}`,
    )
    console.print(`weights ${join(values.output, 'last.pt')}, tensors ${body.tensors}`)
    writeJson(values.evidence ?? join(output, 'train-run.json'), document)
    if (values.json) writeJson(values.json, body)
    return exitCodes.pass
  },
}

function roleOf(word: string) {
  if (word === 'champion' || word === 'candidate' || word === 'control') return word
  throw new UsageError(`there is no role "${word}"`, { mend: 'one of champion, candidate, control' })
}

function seedOf(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word)
  throw new UsageError(`--seed ${word} is not a whole number from 0`, { mend: 'for example --seed 1' })
}

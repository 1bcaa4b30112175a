import { basename, join, resolve } from 'node:path'
import { readDataset } from '../adapters/dataset.ts'
import { writeJson, writeWhole } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import { readModelFile } from '../adapters/onnx/model-file.ts'
import { providerOf } from '../adapters/onnx/providers.ts'
import { createOnnxRuntime } from '../adapters/onnx/runtime.ts'
import { createStorage } from '../adapters/storage.ts'
import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset, Split } from '../core/dataset/model.ts'
import type { Subject } from '../core/documents/define.ts'
import { exitCodes, UsageError } from '../core/errors.ts'
import type { Console } from '../ports.ts'
import { evaluateModel } from '../steps/evaluate-model.ts'
import { readArguments } from './arguments.ts'
import { evaluationTable } from './evaluation-table.ts'
import { writeHardOutputs } from './hard-outputs.ts'
import { servingOf, servingOptions, splitOf } from './serving-options.ts'

const options = {
  ...servingOptions,
  model: { type: 'string' },
  data: { type: 'string' },
  split: { type: 'string' },
  'as-val': { type: 'boolean' },
  json: { type: 'string' },
  hard: { type: 'string' },
  html: { type: 'string' },
  provider: { type: 'string' },
  evidence: { type: 'string' },
} as const

/** `sluice evaluate --model M.onnx --data DIR [--split val] [--as-val] [--hard FILE] [--html FILE]`, and the serving options. */
export async function evaluateModelCommand(args: string[], console: Console): Promise<number> {
  const { values } = readArguments(args, options, { least: 0, most: 0, names: '' })
  if (!values.model || !values.data) {
    throw new UsageError('--model and --data go together', { mend: 'sluice evaluate --model M.onnx --data DIR' })
  }
  const split = splitOf(values.split)
  const artifact = resolve(values.model)
  const { serving, threads } = servingOf(values, artifact, 0.001)
  const provider = providerOf(values.provider)
  const progress = console.progress('evaluate')
  const dataset = readDataset(resolve(values.data), { md5: true })
  const predictionsFile = values.evidence
    ? `${basename(values.evidence, '.json')}.predictions.json`
    : 'predictions.json'
  const { evaluation, predictions, predictionsJson } = await evaluateModel(
    { runtime: createOnnxRuntime(provider), images: createImages(), storage: createStorage() },
    {
      artifact,
      dataset,
      split,
      serving: { ...serving, multiLabel: values['as-val'] ?? false },
      threads,
      provider,
      subject: { artifact: readModelFile(artifact).sha256, ...validationSetOf(dataset, split) },
      predictionsFile,
      progress,
    },
  )
  const { body } = evaluation
  progress.end(`${body.images} images`)
  for (const line of evaluationTable(body)) console.print(line)
  for (const note of body.notes ?? []) console.log(`note: ${note}`)
  if (values.json) writeJson(values.json, { coco: body.coco, ultralytics: body.ultralytics })
  if (values.evidence) {
    writeJson(values.evidence, evaluation)
    writeWhole(join(resolve(values.evidence), '..', predictionsFile), predictionsJson)
  }
  await writeHardOutputs(
    {
      files: values,
      predictions,
      dataset,
      subject: evaluation.subject,
      confidence: body.operatingPoint.confidence,
      networkSize: serving.imageSize,
      name: basename(artifact),
      recompute: `sluice evaluate --model ${values.model} --data ${values.data} --hard queue.json`,
    },
    console,
  )
  return exitCodes.pass
}

/** The digest of what was scored, under the key by which gates look for it. */
function validationSetOf(dataset: Dataset, split: 'train' | 'val' | 'test'): Subject {
  const scored = { ...dataset, images: dataset.images.map((image) => ({ ...image, split: asVal(image.split, split) })) }
  const { validationSet } = datasetDigests(scored)
  return validationSet ? { validationSet } : {}
}

function asVal(split: Split, scored: Split): Split {
  return split === scored ? 'val' : 'none'
}

import { basename, resolve } from 'node:path'
import { readDataset } from '../../adapters/dataset.ts'
import { writeJson } from '../../adapters/files.ts'
import { createImages } from '../../adapters/images.ts'
import { createOnnxRuntime } from '../../adapters/onnx/runtime.ts'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { parity } from '../../steps/parity.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'
import { servingOf, servingOptions, servingUsage, splitOf } from '../serving-options.ts'

export const command: Command = {
  usage: `sluice parity REFERENCE.onnx ARTIFACT.onnx --data DIR [options]

Runs both on the same images: boxes that only one finds, the largest shifts, and mAP of both with the interval of
their difference.

  --data DIR       data set
  --split SPLIT    train, val or test, default val
  --format NAME    what the artefact is called in the evidence, default by its file name: onnx, onnx-fp16, onnx-int8
${servingUsage}
  --json FILE      the result
  --evidence FILE  the whole document, for gates`,
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        ...servingOptions,
        data: { type: 'string' },
        split: { type: 'string' },
        format: { type: 'string' },
        json: { type: 'string' },
        evidence: { type: 'string' },
      },
      { least: 2, most: 2, names: 'REFERENCE.onnx ARTIFACT.onnx' },
    )
    if (!values.data) throw new UsageError('--data is missing', { mend: 'name a data set' })
    const [reference = '', artifact = ''] = positionals.map((path) => resolve(path))
    const progress = console.progress('parity')
    const document = await parity(
      { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() },
      {
        reference: { format: formatOf(reference), artifact: reference },
        artifact: { format: values.format ?? formatOf(artifact), artifact },
        dataset: readDataset(resolve(values.data)),
        split: splitOf(values.split),
        ...servingOf(values, reference, 0.001),
        progress,
      },
    )
    const { boxes, map, images } = document.body
    progress.end(`${images} images`)
    console.print(`${boxes.matched} of ${boxes.reference} boxes matched, ${boxes.flipped} found by one alone`)
    console.print(
      `corners differ by up to ${boxes.maxCornerPx.toFixed(3)} px, scores by up to ${boxes.maxScore.toFixed(4)}`,
    )
    const { value, low, high } = map.difference
    const interval = low === undefined || high === undefined ? '' : ` [${low.toFixed(4)}, ${high.toFixed(4)}]`
    console.print(
      `mAP50-95 ${map.reference.toFixed(4)} and ${map.artifact.toFixed(4)}, difference ${value.toFixed(4)}${interval}`,
    )
    if (values.json) writeJson(values.json, document.body)
    if (values.evidence) writeJson(values.evidence, document)
    return exitCodes.pass
  },
}

/** What sluice export calls an artefact, by its file name; gates name formats so. */
function formatOf(artifact: string): string {
  const precision = /\.(fp16|int8|int8-all)\.onnx$/.exec(basename(artifact))?.[1]
  return precision ? `onnx-${precision}` : 'onnx'
}

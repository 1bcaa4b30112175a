import { basename, relative, resolve } from 'node:path'
import { readDataset } from '../../adapters/dataset.ts'
import { writeJson, writeWhole } from '../../adapters/files.ts'
import { createImages } from '../../adapters/images.ts'
import { createArtifactRuntime } from '../../adapters/runtimes/runtime.ts'
import { createStorage } from '../../adapters/storage.ts'
import { formatOf } from '../../core/detect/artifact-format.ts'
import type { ParityBody } from '../../core/documents/operational.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { Console } from '../../ports.ts'
import { type MeasuredParity, measureParity } from '../../steps/parity.ts'
import { paritySheet } from '../../steps/parity-sheet.ts'
import { readArguments } from '../arguments.ts'
import { precisions } from '../choices.ts'
import { sideOfFolder } from '../hard-outputs.ts'
import type { Command } from '../main.ts'
import { numberOf, servingOf, servingOptions, splitOf } from '../serving-options.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        ...servingOptions,
        data: { type: 'string' },
        split: { type: 'string' },
        format: { type: 'string' },
        tensorrt: { type: 'string' },
        tensors: { type: 'string' },
        html: { type: 'string' },
        json: { type: 'string' },
        evidence: { type: 'string' },
      },
      { least: 2, most: 2, names: 'REFERENCE ARTIFACT' },
    )
    if (!values.data) throw new UsageError('--data is missing', { mend: 'name a data set' })
    const [reference = '', artifact = ''] = positionals.map((path) => resolve(path))
    const precision = values.tensorrt === undefined ? null : precisionOf(values.tensorrt, artifact)
    const built = precision === null ? null : `engine${precision === 'fp32' ? '' : `-${precision}`}`
    const dataset = readDataset(resolve(values.data))
    const progress = console.progress('parity')
    const artifactRuntime = createArtifactRuntime(precision ? { tensorRt: precision } : {})
    // The file that says its image size speaks for both.
    const sized = [reference, artifact].find((path) => path.endsWith('.onnx'))
    if (!sized && values['image-size'] === undefined) {
      throw new UsageError('neither of them says its image size', { where: reference, mend: 'give --image-size' })
    }
    const result = await measureParity(
      { runtime: createArtifactRuntime(), artifactRuntime, images: createImages(), storage: createStorage() },
      {
        reference: { format: formatOf(reference), artifact: reference },
        artifact: { format: values.format ?? built ?? formatOf(artifact), artifact },
        dataset,
        split: splitOf(values.split),
        ...servingOf(values, sized ?? reference, 0.001),
        tensors: values.tensors === undefined ? 16 : numberOf('--tensors', values.tensors),
        progress,
      },
    )
    const { body } = result.document
    progress.end(`${body.images} images`)
    print(body, console)
    if (values.json) writeJson(values.json, body)
    if (values.evidence) writeJson(values.evidence, result.document)
    if (values.html) await writeSheet(values.html, result, dataset, positionals)
    return body.state === 'measured' ? exitCodes.pass : exitCodes.inconclusive
  },
}

function print(body: ParityBody, console: Console): void {
  const { boxes, map, tensors, unmeasured, artifact } = body
  if (body.state !== 'measured') {
    console.print(`${artifact.format}: ${body.state}: ${unmeasured?.why}`)
    console.print(`to settle it: ${unmeasured?.settle}`)
    return
  }
  console.print(`${boxes.matched} of ${boxes.reference} boxes matched, ${boxes.flipped} found by one alone`)
  console.print(
    `corners differ by up to ${boxes.maxCornerPx.toFixed(3)} px, scores by up to ${boxes.maxScore.toFixed(4)}`,
  )
  if (tensors) {
    const apart = `${tensors.maxPx.toFixed(4)} px, scores by up to ${tensors.maxScore.toFixed(5)}`
    console.print(`outputs of ${tensors.images} images differ by up to ${apart}`)
  }
  const { value, low, high } = map.difference
  // Adding zero takes the sign off a zero.
  const shown = (number: number) => (Number(number.toFixed(4)) + 0).toFixed(4)
  const interval = low === undefined || high === undefined ? '' : ` [${shown(low)}, ${shown(high)}]`
  console.print(
    `mAP50-95 ${map.reference.toFixed(4)} and ${map.artifact.toFixed(4)}, difference ${shown(value)}${interval}`,
  )
}

async function writeSheet(
  file: string,
  { document, predictions }: MeasuredParity,
  dataset: ReturnType<typeof readDataset>,
  named: string[],
): Promise<void> {
  const folder = relative(process.cwd(), dataset.root) || basename(dataset.root)
  const page = await paritySheet(createImages(), {
    document,
    ...(predictions ? { predictions } : {}),
    side: sideOfFolder(dataset),
    about: `Run over ${folder}, ${document.body.images} images.`,
    recompute: [`sluice parity ${named.join(' ')} --data ${folder}`],
  })
  writeWhole(file, page)
}

function precisionOf(word: string, artifact: string): (typeof precisions)[number] {
  const precision = precisions.find((known) => known === word)
  if (!precision)
    throw new UsageError(`--tensorrt ${word} is no precision`, { mend: `one of ${precisions.join(', ')}` })
  if (artifact.endsWith('.onnx')) return precision
  throw new UsageError('--tensorrt builds from an ONNX file', { where: artifact, mend: 'name the .onnx' })
}

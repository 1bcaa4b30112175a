import { readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { datasetFolder } from '../adapters/dataset.ts'
import { writeJson, writeWhole } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { documentId, type Subject } from '../core/documents/define.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import { hardQueue } from '../core/select/hard-queue.ts'
import type { Console } from '../ports.ts'
import { hardSheet, mineHardNegatives } from '../steps/hard-negatives.ts'
import type { PictureSide } from '../steps/show-pictures.ts'

export type HardOutputs = {
  files: { hard?: string | undefined; html?: string | undefined; evidence?: string | undefined }
  predictions: PredictionSet
  dataset: Dataset | null
  subject: Subject
  confidence: number
  networkSize?: number
  /** The model's or the predictions' file, for the sheet's head. */
  name: string
  /** What it was run over, one sentence; the data set's folder unless given. */
  about?: string
  recompute: string
}

/** Sorts the mistakes by cause and writes what was asked for: the queue, the sheet, the document beside the evidence. */
export async function writeHardOutputs(input: HardOutputs, console: Console): Promise<void> {
  const { files, predictions, dataset, networkSize } = input
  if (!files.hard && !files.html) return
  const document = mineHardNegatives(predictions, dataset, input.subject, {
    confidence: input.confidence,
    ...(networkSize ? { networkSize } : {}),
  })
  const { body } = document
  for (const { cause, falseAlarms, misses } of body.byCause) {
    if (falseAlarms + misses > 0)
      console.print(`${cause.padEnd(14)} ${count(falseAlarms, 'false alarm')}, ${misses} missed`)
  }
  for (const note of body.notes) console.log(`note: ${note}`)
  if (files.hard) writeJson(files.hard, hardQueue(body, documentId(document)))
  if (files.evidence) writeJson(files.evidence.replace(/(\.json)?$/, '.hard-negatives.json'), document)
  if (files.html && dataset) {
    const page = await hardSheet(createImages(), document, sideOfFolder(dataset), {
      title: `${input.name}: what it gets wrong`,
      about: input.about ?? runOver(dataset, predictions.scenes.length),
      recompute: [input.recompute],
    })
    writeWhole(files.html, page)
  }
}

function runOver({ root }: Dataset, images: number): string {
  return `Run over ${relative(process.cwd(), root) || basename(root)}, ${images} images.`
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

/** A picture of more bytes than this is not shown. */
const mostBytes = 64 * 1024 * 1024

/** A data set in a folder, its pictures read where they lie. */
export function sideOfFolder(dataset: Dataset): PictureSide {
  const folder = datasetFolder(dataset)
  return {
    dataset,
    read: (file) => {
      const path = join(folder, file)
      const facts = statSync(path, { throwIfNoEntry: false })
      return facts?.isFile() && facts.size <= mostBytes ? readFileSync(path) : null
    },
  }
}

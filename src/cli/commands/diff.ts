import { readDataset } from '../../adapters/dataset.ts'
import { writeJson, writeWhole } from '../../adapters/files.ts'
import { datasetDigests } from '../../core/dataset/digest.ts'
import { exitCodes } from '../../core/errors.ts'
import { diff, diffJson, diffMarkdown, printDiff } from '../../steps/diff.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  usage: `
  sluice diff BASE HEAD [options]

  BASE, HEAD        folders (or data.yaml, COCO JSON, dataset specs) of two versions of a data set
  --json FILE       write the difference: classes, images, boxes, byClass, byImage
  --evidence FILE   write the whole DatasetDiff document, for gates
  --md FILE         write it as Markdown, for a pull request`,
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      { json: { type: 'string' }, evidence: { type: 'string' }, md: { type: 'string' } },
      { least: 2, most: 2, names: 'BASE and HEAD' },
    )
    const [basePath = '', headPath = ''] = positionals
    // Renames are found by content, so images are hashed.
    const base = readDataset(basePath, { md5: true })
    const head = readDataset(headPath, { md5: true })
    const subject = { ...datasetDigests(head), base: datasetDigests(base).labels }
    const document = diff(base, head, subject)
    if (values.json) writeJson(values.json, diffJson(document.body))
    if (values.evidence) writeJson(values.evidence, document)
    if (values.md) writeWhole(values.md, diffMarkdown(document.body))
    printDiff(document.body, console)
    return exitCodes.pass
  },
}

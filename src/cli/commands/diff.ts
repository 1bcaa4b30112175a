import { writeJson, writeWhole } from '../../adapters/files.ts'
import { openVersions } from '../../adapters/open-dataset.ts'
import { datasetDigests } from '../../core/dataset/digest.ts'
import { exitCodes } from '../../core/errors.ts'
import { diff, diffJson, diffMarkdown, emptyLike, printDiff } from '../../steps/diff.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const { values, positionals } = readArguments(
      args,
      { json: text, evidence: text, md: text, data: text, all: { type: 'boolean' } },
      { least: 2, most: 2, names: 'BASE and HEAD' },
    )
    const [basePath = '', headPath = ''] = positionals
    // A document states the digests of both data sets: all labels are read for it.
    const labels = values.all || values.evidence ? 'all' : 'changed'
    // Renames are found by content, so images that are here are hashed.
    const data = values.data === undefined ? {} : { data: values.data }
    await using versions = await openVersions(basePath, headPath, { md5: true, labels, ...data })
    const head = versions.head.dataset
    const base = versions.base?.dataset ?? emptyLike(head)
    const partial = labels === 'changed' && versions.equal.labels > 0
    const subject = partial ? {} : { ...datasetDigests(head), base: datasetDigests(base).labels }
    const document = diff(base, head, subject, partial ? 'changed' : 'all')
    if (values.json) writeJson(values.json, diffJson(document.body))
    if (values.evidence) writeJson(values.evidence, document)
    if (values.md) writeWhole(values.md, diffMarkdown(document.body))
    printDiff(document.body, console)
    const { files, bytes, from } = versions.fetched
    if (files > 0) console.log(`${files} objects (${bytes} bytes) came from ${from}`)
    return exitCodes.pass
  },
}

import { writeJson } from '../../adapters/files.ts'
import { refuseOutput, writeMerged } from '../../adapters/merged-folder.ts'
import { openDataset } from '../../adapters/open-dataset.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { merge, printMerge } from '../../steps/merge.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  usage: `
  sluice merge BASE OURS THEIRS --output DIR [options]

  BASE, OURS, THEIRS   versions of a data set: folders, data.yaml, COCO JSON, dataset specs, or git revisions as
                       REV:PATH, of which labels are fetched and images are not
  --data PATH          the data set, where a version is a revision alone
  --output DIR         a folder that does not exist yet; the merged data set, in the repository's layout
  --prefer SIDE        ours or theirs wins every conflict (they are listed all the same)
  --allow-loss         merge without what cannot be held: polygons, rows that no reader takes
  --json FILE          verdict, counts and conflicts
  --evidence FILE      the whole DatasetMerge document

exit codes: 0 merged · 1 conflicts, nothing is written · 2 wrong use or bad input`,
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const { values, positionals } = readArguments(
      args,
      { output: text, data: text, prefer: text, json: text, evidence: text, 'allow-loss': { type: 'boolean' } },
      { least: 3, most: 3, names: 'BASE, OURS and THEIRS' },
    )
    const { output, prefer = null } = values
    if (output === undefined) throw new UsageError('where to write is not said', { mend: 'add --output DIR' })
    if (prefer !== null && prefer !== 'ours' && prefer !== 'theirs')
      throw new UsageError(`--prefer ${prefer}: expected ours or theirs`)
    refuseOutput(output)
    const data = values.data === undefined ? {} : { data: values.data }
    const [basePath = '', oursPath = '', theirsPath = ''] = positionals
    await using base = await openDataset(basePath, { md5: true, ...data })
    // DVC's configuration is the base's: a proposal could name a remote of its own.
    const options = { md5: true, ...data, ...(base.commit === null ? {} : { trust: base.commit }) }
    await using ours = await openDataset(oursPath, options)
    await using theirs = await openDataset(theirsPath, options)
    const allowLoss = values['allow-loss'] ?? false
    const merged = merge(base.dataset, ours.dataset, theirs.dataset, { prefer, allowLoss })
    const { body } = merged
    if (values.json) writeJson(values.json, body)
    if (values.evidence) writeJson(values.evidence, merged.document)
    if (body.verdict === 'pass') writeMerged(output, merged, { base, ours, theirs })
    printMerge(body, console)
    return exitCodes[body.verdict]
  },
}

import { writeJson } from '../../adapters/files.ts'
import { driveMerge, installDriver } from '../../adapters/merge-driver.ts'
import { refuseOutput, writeMerged } from '../../adapters/merged-folder.ts'
import { openDataset } from '../../adapters/open-dataset.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { Console } from '../../ports.ts'
import { merge, printMerge, tellConflicts } from '../../steps/merge.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = { output: text, data: text, prefer: text, json: text, evidence: text, 'allow-loss': flag } as const

export const command: Command = {
  run: async (args, console) => {
    if (args[0] === '--install') return install(args.slice(1), console)
    if (args[0] === '--driver') return drive(args.slice(1), console)
    const { values, positionals } = readArguments(args, options, { least: 3, most: 3, names: 'BASE, OURS and THEIRS' })
    const { output, prefer = null } = values
    if (output === undefined) throw new UsageError('where to write is not said', { mend: 'add --output DIR' })
    if (prefer !== null && prefer !== 'ours' && prefer !== 'theirs')
      throw new UsageError(`--prefer ${prefer}: expected ours or theirs`)
    refuseOutput(output)
    const data = values.data === undefined ? {} : { data: values.data }
    const [basePath = '', oursPath = '', theirsPath = ''] = positionals
    await using base = await openDataset(basePath, { md5: true, ...data })
    // DVC's configuration is the base's: a proposal could name a remote of its own.
    const read = { md5: true, ...data, ...(base.commit === null ? {} : { trust: base.commit }) }
    await using ours = await openDataset(oursPath, read)
    await using theirs = await openDataset(theirsPath, read)
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

async function install(args: string[], console: Console): Promise<number> {
  readArguments(args, {}, { least: 0, most: 0, names: '' })
  const { attributes, added } = await installDriver(process.cwd())
  for (const line of added) console.print(`${attributes}: ${line}`)
  console.print('git in this clone now merges data sets box by box; commit .gitattributes, and run this in every clone')
  return exitCodes.pass
}

async function drive(args: string[], console: Console): Promise<number> {
  const { positionals } = readArguments(args, {}, { least: 4, most: 4, names: '%O %A %B and %P' })
  const [base = '', ours = '', theirs = '', path = ''] = positionals
  const { conflicts } = await driveMerge(base, ours, theirs, path)
  tellConflicts(conflicts, (line) => console.log(line))
  return conflicts.length > 0 ? exitCodes.fail : exitCodes.pass
}

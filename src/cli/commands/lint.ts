import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readText, writeJson } from '../../adapters/files.ts'
import { home } from '../../adapters/tools.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { lintRules, lintTraining } from '../../core/judge/lint-training/lint-training.ts'
import { largestResults, lintResults } from '../../core/judge/lint-training/results-csv.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  json: { type: 'string' },
  evidence: { type: 'string' },
  rules: { type: 'boolean' },
  epochs: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, {
      least: args.includes('--rules') ? 0 : 1,
      most: 1,
      names: 'FILE',
    })
    if (values.rules) {
      for (const { id, severity, says } of lintRules) console.print(`${severity.padEnd(8)} ${id.padEnd(22)} ${says}`)
      return exitCodes.pass
    }
    const given = positionals[0] as string
    const bundled = join(home, 'pipelines', `${given}.yaml`)
    const file = /^[a-z0-9-]+$/.test(given) && !existsSync(given) && existsSync(bundled) ? bundled : given
    const document = file.endsWith('.csv') ? lintCsv(file, values.epochs) : lintTraining(readText(file), file)
    const { verdict, counts, findings } = document.body
    for (const { line, severity, rule, message, mend } of findings) {
      console.print(`${given}:${line}: ${severity} ${rule}: ${message}; ${mend}`)
    }
    console.print(`${verdict}: ${counts.error} errors, ${counts.warning} warnings`)
    if (values.json) writeJson(values.json, { verdict, counts, findings })
    if (values.evidence) writeJson(values.evidence, document)
    return verdict === 'fail' ? exitCodes.fail : exitCodes.pass
  },
}

function lintCsv(file: string, epochs: string | undefined) {
  const asked = epochs === undefined ? null : Number(epochs)
  if (asked !== null && !(Number.isInteger(asked) && asked > 0))
    throw new UsageError(`--epochs ${epochs} is no number of epochs`, { mend: 'for example --epochs 100' })
  if (existsSync(file) && statSync(file).size > largestResults)
    throw new UsageError(`more than ${largestResults / 2 ** 20} MB, which no training writes`, { where: file })
  return lintResults(readText(file), file, asked)
}

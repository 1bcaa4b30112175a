import { relative, resolve, sep } from 'node:path'
import { datasetFolder, decodeImages, readDataset, readSpec } from '../../adapters/dataset.ts'
import { readText, writeJson, writeWhole } from '../../adapters/files.ts'
import { home } from '../../adapters/tools.ts'
import { rules } from '../../core/check/rules.ts'
import { checkWaivers } from '../../core/check/waive.ts'
import { gatePolicy, waivers as waiversKind } from '../../core/documents/declared.ts'
import type { DocumentKind } from '../../core/documents/define.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { checkComment } from '../../core/render/check-comment.ts'
import { findingsSarif } from '../../core/render/findings-sarif.ts'
import { findingsTerminal } from '../../core/render/findings-terminal.ts'
import { checkDataset } from '../../steps/check.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const usage = `
usage: sluice check PATH [--base PATH] [options]

  PATH             a data set: images/ and labels/, a data.yaml, COCO JSON, Pascal VOC, or a dataset spec
  --base PATH      the version to compare with; then only findings that it does not have block
  --policy FILE    severities and limits (default: the gates/dataset.yaml that comes with sluice)
  --waivers FILE   findings that are accepted for a time
  --decode         decode every image in full, not only its header and end
  --json FILE      verdict, counts and findings
  --sarif FILE     SARIF 2.1.0, for code scanning
  --md FILE        markdown, for a comment
  --evidence FILE  the whole Findings document, for gates

exit codes: 0 no new error · 1 a new error · 2 wrong use, or a description of the data that is unsafe or unreadable ·
3 no image at all
`

export const command: Command = {
  usage,
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const { values, positionals } = readArguments(
      args,
      {
        base: text,
        policy: text,
        waivers: text,
        json: text,
        sarif: text,
        md: text,
        evidence: text,
        decode: { type: 'boolean' },
      },
      { least: 1, most: 1, names: 'PATH' },
    )
    const path = positionals[0] as string
    const policyFile = values.policy ?? resolve(home, 'gates/dataset.yaml')
    const policy = read(gatePolicy, policyFile)
    const waivers = values.waivers === undefined ? null : read(waiversKind, values.waivers)
    if (waivers) checkWaivers(waivers.waivers, values.waivers as string)
    const spec = /\.ya?ml$/i.test(path) ? (readSpec(path)?.body ?? null) : null
    const options = { md5: true, ...(spec ? { spec } : {}) }
    const dataset = readDataset(path, options)
    const base = values.base === undefined ? null : readDataset(values.base, options)
    if (values.decode) dataset.defects.push(...(await decodeImages(dataset, console.progress('decode'))))
    const today = new Date().toISOString().slice(0, 10)
    const document = withPlace(policyFile, () => checkDataset(dataset, { policy, waivers, base, spec, today }))
    const { body } = document
    const { verdict, counts, findings } = body
    if (values.json) writeJson(values.json, { verdict, counts, findings })
    if (values.sarif) {
      const prefix = relative(process.cwd(), datasetFolder(dataset)).split(sep).join('/')
      writeWhole(values.sarif, findingsSarif(body, rules, version(), prefix))
    }
    if (values.md) writeWhole(values.md, checkComment({ findings: document }))
    if (values.evidence) writeJson(values.evidence, document)
    console.print(findingsTerminal(body, dataset.root, console.color))
    return exitCodes[verdict]
  },
}

function read<Body>(kind: DocumentKind<string, Body>, file: string): Body {
  return parseDeclared(kind, readText(file), file)
}

function version(): string {
  return (JSON.parse(readText(resolve(home, 'package.json'))) as { version: string }).version
}

/** Says which file a policy came from when a rule in it does not exist. */
function withPlace<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof UsageError && error.where === undefined) {
      throw new UsageError(error.message, { where: file, mend: 'docs/rules.md lists the rules', cause: error })
    }
    throw error
  }
}

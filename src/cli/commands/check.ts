import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readSpec } from '../../adapters/dataset/describe.ts'
import { repositoryOf } from '../../adapters/dataset/exemplars.ts'
import { readText } from '../../adapters/files.ts'
import type { Pixels } from '../../adapters/look-for-check.ts'
import { home } from '../../adapters/tools.ts'
import { openForCheck } from '../../adapters/versions-to-check.ts'
import { rules } from '../../core/check/rules.ts'
import { rulesKey } from '../../core/check/rules-key.ts'
import { waiverProblems } from '../../core/check/waive.ts'
import { gatePolicy, type WaiversBody, waivers as waiversKind } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { findingsTerminal } from '../../core/render/findings-terminal.ts'
import { examineDataset } from '../../journeys/examine-dataset.ts'
import { readArguments } from '../arguments.ts'
import { triaged, writeOutputs } from '../check-outputs.ts'
import type { Command } from '../main.ts'

const text = { type: 'string' } as const
const options = {
  ...{ base: text, policy: text, waivers: text, champion: text, pixels: text, cache: text },
  ...{ html: text, md: text, sarif: text, json: text, evidence: text },
  triage: { type: 'string', multiple: true },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'PATH' })
    const path = positionals[0] as string
    const policyFile = values.policy ?? resolve(home, 'gates/dataset.yaml')
    const policy = parseDeclared(gatePolicy, readText(policyFile), policyFile)
    const today = new Date().toISOString().slice(0, 10)
    const waivers = values.waivers === undefined ? null : readWaivers(values.waivers, today)
    const spec = /^[^:]*\.ya?ml$/i.test(path) ? (readSpec(path)?.body ?? null) : null
    const pixels = pixelsOf(values.pixels, values.base !== undefined)
    const cache = cacheOf(values.cache, path)
    await using versions = await openForCheck({
      ...{ cwd: process.cwd(), head: path, base: values.base ?? null, spec, pixels, images: pixels },
      cache: cache === null ? null : { folder: cache, key: rulesKey(version(), rules, policy, spec) },
      progress: console.progress,
    })
    const { head, base, images, baseImages, migrations } = versions
    const examined = withPlace(policyFile, () =>
      examineDataset(head.dataset, {
        ...{ policy, waivers, today, migrations },
        ...{ base: base?.dataset ?? null, spec: head.spec, baseSpec: base?.spec ?? null },
        compare: [values.html, values.md, values.evidence, values.champion].some((value) => value !== undefined),
        ...(images ? { images } : {}),
        ...(baseImages ? { baseImages } : {}),
      }),
    )
    versions.keep(examined.flagged, examined.baseFlagged)
    const { diff, drift } = examined
    const suspicious =
      values.champion === undefined
        ? null
        : await (await import('../check-champion.ts')).doubtsOf(values.champion, versions, diff?.body ?? null, console)
    const findings = triaged(examined.findings, values.triage ?? [], console)
    await writeOutputs(values, { findings, diff, drift, suspicious, head, base, path, version: version() })
    console.print(findingsTerminal(findings.body, head.dataset.root, console.color))
    return exitCodes[findings.body.verdict]
  },
}

function pixelsOf(wanted: string | undefined, withBase: boolean): Pixels {
  if (wanted === undefined) return withBase ? 'changed' : 'all'
  if (wanted === 'changed' || wanted === 'all' || wanted === 'none') return wanted
  throw new UsageError(`--pixels ${wanted}`, { mend: 'one of changed, all, none' })
}

/** Where the check leaves what it read: what the user names, else the repository's .sluice; elsewhere nothing is left. */
function cacheOf(wanted: string | undefined, path: string): string | null {
  if (wanted !== undefined) return wanted === 'none' ? null : wanted
  const repository = repositoryOf(resolve(path, 'x'))
  return existsSync(resolve(repository, '.git')) ? resolve(repository, '.sluice/cache') : null
}

function readWaivers(file: string, today: string): WaiversBody {
  return parseDeclared(waiversKind, readText(file), file, (body) => waiverProblems(body, today))
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

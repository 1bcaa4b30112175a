import { existsSync } from 'node:fs'
import { readText, writeJson } from '../../adapters/files.ts'
import { acceptances, type DeclaredText } from '../../core/documents/declared.ts'
import { documentId, type Subject } from '../../core/documents/define.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { gate, printVerdict } from '../../steps/gate.ts'
import { readArguments } from '../arguments.ts'
import { readEvidence } from '../gate-evidence.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        evidence: { type: 'string', multiple: true },
        subject: { type: 'string', multiple: true },
        'first-release': { type: 'boolean' },
        'base-policy': { type: 'string' },
        floor: { type: 'string', multiple: true },
        accept: { type: 'string' },
        json: { type: 'string' },
        judging: { type: 'string' },
        replay: { type: 'string' },
      },
      { least: 0, most: 10_000, names: 'POLICY and evidence' },
    )
    if (values.replay !== undefined) {
      if (Object.keys(values).length > 1 || positionals.length > 0) {
        throw new UsageError('--replay stands alone', { mend: 'sluice gate --replay BUNDLE' })
      }
      return (await import('../replay-bundle.ts')).replayBundle(values.replay, console)
    }
    if (positionals.length === 0) throw new UsageError('expected POLICY and evidence', { mend: 'see --help' })
    const [policyFile = '', ...moreEvidence] = positionals
    const paths = [...(values.evidence ?? []), ...moreEvidence]
    const read = paths.map(readEvidence)
    const skipped = read.reduce((sum, { skipped }) => sum + skipped, 0)
    if (skipped > 0) console.log(`${skipped} JSON file${skipped === 1 ? ' is' : 's are'} no document and not read`)
    const base = values['base-policy']
    const floors = [
      ...(base === undefined ? [] : [{ ...(await policyAt(base)), name: 'the base' }]),
      ...(values.floor ?? []).map((file) => ({ yaml: readText(file), file, name: `the floor ${file}` })),
    ]
    const accepted = values.accept ? parseDeclared(acceptances, readText(values.accept), values.accept).acceptances : []
    const policy = { yaml: readText(policyFile), file: policyFile }
    const evidence = read.flatMap(({ documents }) => documents)
    const today = new Date().toISOString().slice(0, 10)
    const firstRelease = values['first-release'] ?? false
    const verdict = gate({
      policy,
      floors,
      evidence,
      subject: subjectOf(values.subject ?? []),
      options: { accepted, today, firstRelease },
    })
    if (values.json) writeJson(values.json, verdict)
    if (values.judging) {
      const { judgingOf } = await import('../../steps/bundle.ts')
      const policies = [{ ...policy, name: 'the proposal' }, ...floors]
      writeJson(values.judging, judgingOf({ verdict, policies, evidence, today, firstRelease, accepted }))
    }
    printVerdict(verdict, console)
    if (verdict.body.verdict === 'inconclusive') console.log(`an acceptance would name verdict ${documentId(verdict)}`)
    return exitCodes[verdict.body.verdict]
  },
}

/** A policy in a file, or at a revision as git names it: REV:PATH from the repository's root. */
async function policyAt(place: string): Promise<DeclaredText> {
  const [, revision, path] = /^([^:]+):(.+)$/.exec(place) ?? []
  if (existsSync(place) || revision === undefined || path === undefined) return { yaml: readText(place), file: place }
  const { createGit } = await import('../../adapters/git.ts')
  const bytes = await createGit(process.cwd()).show(revision, path)
  if (bytes === null)
    throw new UsageError('the base has no such policy', {
      where: place,
      mend: 'a first policy has no base: leave --base-policy out',
    })
  return { yaml: new TextDecoder().decode(bytes), file: place }
}

function subjectOf(pairs: readonly string[]): Subject {
  const subject: Record<string, string> = {}
  for (const pair of pairs) {
    const [, key, digest] = /^([a-zA-Z]+)=((?:[0-9a-f]{32}){1,2})$/.exec(pair) ?? []
    if (!key || !digest)
      throw new UsageError(`--subject ${pair} is not KEY=DIGEST`, { mend: 'for example --subject model=<sha256>' })
    subject[key] = digest
  }
  return subject
}

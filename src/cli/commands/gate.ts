import { existsSync } from 'node:fs'
import { readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { acceptances } from '../../core/documents/declared.ts'
import { documentId, type Subject } from '../../core/documents/define.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { judgingOf } from '../../steps/bundle.ts'
import { gate, printVerdict } from '../../steps/gate.ts'
import { readArguments } from '../arguments.ts'
import { readEvidence } from '../gate-evidence.ts'
import type { Command } from '../main.ts'
import { replayBundle } from '../replay-bundle.ts'

export const command: Command = {
  usage: `
  sluice gate POLICY --evidence DIR|FILE... [options]

  POLICY            a policy of kind GatePolicy, e.g. gates/model.yaml
  --evidence PATH   a document that sluice wrote with --evidence, or a folder of them; may be repeated
  --subject K=SHA   the digest that is judged (model, validationSet, trainSet, champion, control ...);
                    what is not named is what the evidence agrees on
  --first-release   there is no champion yet: absolute gates only
  --base-policy P   the policy of the base, a file or REV:PATH: judged by both, the stricter answer counts, and
                    what the proposal loosens is listed
  --floor FILE      a policy that none may fall below, e.g. an organisation's; may be repeated
  --accept FILE     acceptances of held verdicts (a fail is never accepted)
  --json FILE       write the Verdict
  --judging FILE    write by what it was reached: sluice release --bundle takes it
  --replay BUNDLE   compute a release's bundle again, offline, without a policy or evidence beside it; proves that its
                    verdict follows from what is in it, not where that came from

  exit code: 0 pass, 1 fail, 3 inconclusive`,
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
      return replayBundle(values.replay, console)
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
      const policies = [{ ...policy, name: 'the proposal' }, ...floors]
      writeJson(values.judging, judgingOf({ verdict, policies, evidence, today, firstRelease, accepted }))
    }
    printVerdict(verdict, console)
    if (verdict.body.verdict === 'inconclusive') console.log(`an acceptance would name verdict ${documentId(verdict)}`)
    return exitCodes[verdict.body.verdict]
  },
}

/** A policy in a file, or at a revision as git names it: REV:PATH from the repository's root. */
async function policyAt(place: string): Promise<{ yaml: string; file: string }> {
  const [, revision, path] = /^([^:]+):(.+)$/.exec(place) ?? []
  if (existsSync(place) || revision === undefined || path === undefined) return { yaml: readText(place), file: place }
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

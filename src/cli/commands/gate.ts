import { existsSync } from 'node:fs'
import { readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { acceptances } from '../../core/documents/declared.ts'
import { documentId, type Subject } from '../../core/documents/define.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { gate, printVerdict } from '../../steps/gate.ts'
import { readArguments } from '../arguments.ts'
import { readEvidence } from '../gate-evidence.ts'
import type { Command } from '../main.ts'

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
      },
      { least: 1, most: 10_000, names: 'POLICY and evidence' },
    )
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
    const verdict = gate({
      policy: { yaml: readText(policyFile), file: policyFile },
      floors,
      evidence: read.flatMap(({ documents }) => documents),
      subject: subjectOf(values.subject ?? []),
      options: {
        accepted,
        today: new Date().toISOString().slice(0, 10),
        firstRelease: values['first-release'] ?? false,
      },
    })
    if (values.json) writeJson(values.json, verdict)
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

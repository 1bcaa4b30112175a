import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { acceptances } from '../../src/core/documents/declared.ts'
import { type Document, documentId } from '../../src/core/documents/define.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import type { VerdictBody } from '../../src/core/documents/verdict.ts'
import { acceptancePath, acceptanceText, settledVerdict } from '../../src/core/judge/acceptance.ts'
import { type AcceptanceRequest, proposeAcceptance } from '../../src/journeys/propose-acceptance.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { gate } from '../../src/steps/gate.ts'
import { forgeWorld, request, writes } from '../adapters/forge-world.ts'
import { evaluationOf, subject } from '../core/judge/planted.ts'

const at = '2026-11-22T09:00:00Z'
const now = '2026-11-22T10:00:00Z'
const policy = (floor: number) =>
  `name: model\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: ${floor} }\n`
/** What the gates of a base say, without an evaluation: that it is open. */
const judged = (evidence: Document[], floor = 0.4): Document<'Verdict', VerdictBody> =>
  gate({
    policy: { yaml: policy(floor), file: 'gates/model.yaml' },
    evidence,
    subject,
    options: { today: now.slice(0, 10), firstRelease: false },
  })
const held = judged([])
const id = documentId(held)
const failed = judged([evaluationOf(0.3)])

/** A proposal on a forge, of whose commit Train left a verdict; `ada` may write, `bob` may not. */
async function acceptanceWorld() {
  const world = await forgeWorld({
    logins: { ada: 'ada', bob: 'bob' },
    people: { ada: 'write', bob: 'read' },
    now: () => new Date(now),
  })
  const pull = await world.forge.openPullRequest(request)
  await world.git.checkout('main')
  const trained = (verdict: Document<'Verdict', VerdictBody>, change: object = {}, evidence: Document[] = []) => {
    const of = { workflow: 'train.yml', name: 'Train', actor: 'ada', attempt: 1, event: 'workflow_dispatch' }
    const about = { title: `Train #${pull.number} at ${world.head}`, headSha: world.first, headBranch: 'main' }
    const run = world.server.runs.start({ ...of, ...about, headRepository: 'acme/data', ...change })
    const { verdict: word, reason } = verdict.body
    const family = { family: 'model', pullRequest: pull.number, headSha: world.head, baseSha: world.first } as const
    const itself = pullRun.make({}, { ...family, path: 'data', verdict: word, reason })
    const bytes = (one: Document) => new TextEncoder().encode(JSON.stringify(one))
    const files = [itself, verdict, ...evidence].map((one, i) => ({ path: `document-${i}.json`, bytes: bytes(one) }))
    world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    world.server.runs.end(run.id, word === 'pass' ? 'success' : 'failure')
    return run.id
  }
  const ports = {
    forge: world.forge,
    git: world.git,
    read: (path: string) => world.git.show('main', path),
    fetchHead: async () => {},
    readArchive: readEvidenceArchive,
  }
  const accept = (change: Partial<AcceptanceRequest> = {}) =>
    proposeAcceptance(ports, {
      pullRequest: pull.number,
      verdict: id,
      reason: 'three scenes, checked by hand',
      owner: 'ada',
      ...{ at, repository: 'acme/data', defaultBranch: 'main', now: new Date(now) },
      ...change,
    })
  const report = (run: number, today = now.slice(0, 10)) =>
    reportRun(ports, {
      ...{ run, repository: 'acme/data', defaultBranch: 'main', path: 'data', channel: 'production', today },
    })
  /** Files on main, as merges bring them. */
  const merged = async (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(world.root, path)), { recursive: true })
      world.write(path, text)
    }
    await world.git.commit('merge', Object.keys(files))
  }
  return { ...world, pull, trained, accept, report, merged }
}

test('a held verdict is proposed once: one file, by the moment it was said, and the same call writes nothing', async () => {
  await using world = await acceptanceWorld()
  world.trained(held)
  const { pullRequest } = await world.accept()
  const branch = pullRequest?.head.ref as string
  expect(pullRequest).toMatchObject({ number: 2, title: 'Accept the held verdict of #1', state: 'open' })
  expect(world.plain('diff', '--name-only', 'main', branch)).toBe(acceptancePath(id))
  const text = world.plain('show', `${branch}:${acceptancePath(id)}`)
  const entry = { verdict: id, reason: 'three scenes, checked by hand', owner: 'ada' }
  expect(parseDeclared(acceptances, text, 'x.yaml').acceptances).toEqual([{ ...entry, expires: '2026-12-22' }])
  expect(pullRequest?.body).toContain('- minimum, map: ')
  const before = writes(world)
  expect((await world.accept({ now: new Date('2026-11-29T10:00:00Z') })).pullRequest?.number).toBe(2)
  expect(writes(world)).toBe(before)
})

test.each([
  'ends: with, all {of} [yaml] & *its - signs',
  '# none, it is said',
  '"quoted" and \'quoted\' and `quoted`',
  '!!js/function x',
  '2026-12-22',
  'null',
  '<!-- x --> @acme/data #1 [a](b) | c',
  'проверено вручную 已检查',
  'я'.repeat(200),
])('a reason is kept as it was said: %s', (reason) => {
  const entry = { verdict: id, reason, owner: 'ada', expires: '2026-12-22' }
  expect(parseDeclared(acceptances, acceptanceText(entry), 'x.yaml').acceptances).toEqual([entry])
})

test('once it is on the default branch nothing is proposed, and after its end it is again', async () => {
  await using world = await acceptanceWorld()
  world.trained(held)
  const entry = { verdict: id, reason: 'checked', owner: 'ada' }
  await world.merged({ [acceptancePath(id)]: acceptanceText({ ...entry, expires: '2026-11-22' }) })
  const before = writes(world)
  const again = await world.accept()
  expect([again.pullRequest, again.says]).toEqual([null, 'It is accepted already, until 2026-11-22.'])
  expect(writes(world)).toBe(before)
  await world.merged({ [acceptancePath(id)]: acceptanceText({ ...entry, expires: '2026-11-21' }) })
  expect((await world.accept()).pullRequest?.number).toBe(2)
})

test.each([
  ['whose owner may not write', { owner: 'bob' }, /bob may not write/],
  ['of somebody unknown', { owner: 'nobody' }, /nobody may not write/],
  ['of another verdict', { verdict: 'f'.repeat(64) }, /no run about #1 at .* reached this verdict/],
  ['of no id', { verdict: '../x' }, /64 hexadecimal digits/],
  ['without a reason', { reason: '  ' }, /a reason is one line/],
  ['of a reason that is too long to be kept', { reason: 'x'.repeat(201) }, /more than 200 characters/],
  ['of a reason that turns text round', { reason: 'fine \u202ekcab' }, /a reason is one line/],
  ['that was said too long ago', { at: '2026-10-22T09:00:00Z' }, /no moment of the last 30 days/],
  ['that is yet to be said', { at: '2026-11-23T09:00:00Z' }, /no moment of the last 30 days/],
  ['of no moment', { at: 'soon' }, /no moment of the last 30 days/],
])('an acceptance %s is refused, and nothing is written', async (_, change, says) => {
  await using world = await acceptanceWorld()
  world.trained(held)
  const before = writes(world)
  await expect(world.accept(change)).rejects.toThrow(says)
  expect(writes(world)).toBe(before)
})

test('a fail, a verdict of an older commit, and one of a run that a branch defined are not accepted', async () => {
  await using world = await acceptanceWorld()
  world.trained(failed)
  await expect(world.accept({ verdict: documentId(failed) })).rejects.toThrow(/this verdict is fail/)
  world.trained(held, { title: `Train #1 at ${world.first}` })
  world.trained(held, { headBranch: 'proposal' })
  world.trained(held, { headRepository: 'eve/data' })
  world.trained(held, { event: 'push' })
  await expect(world.accept()).rejects.toThrow(/reached this verdict/)
  await world.raw('PATCH', '/pulls/1', { state: 'closed' }, 'ada')
  world.trained(held)
  await expect(world.accept()).rejects.toThrow('#1 is closed')
})

test('a report counts an acceptance that is on the default branch, in force, and of that very verdict', async () => {
  await using world = await acceptanceWorld()
  await world.merged({ 'gates/model.yaml': policy(0.4) })
  const run = world.trained(held)
  const open = await world.report(run)
  expect(open?.conclusion).toBe('action_required')
  expect(open?.comment).toContain(`/sluice accept ${id} REASON`)
  const entry = { verdict: id, reason: 'checked', owner: 'ada', expires: '2026-12-22' }
  await world.merged({ [acceptancePath(id)]: acceptanceText(entry) })
  const accepted = await world.report(run)
  expect(accepted?.conclusion).toBe('success')
  expect(accepted?.title).toContain('Accepted by ada until 2026-12-22 with 1 open line: checked.')
  expect(accepted?.comment).not.toContain('/sluice accept')
  expect((await world.report(run, '2026-12-23'))?.conclusion).toBe('action_required')

  // A run that was judged with the acceptance says pass itself.
  const settled = settledVerdict(held, [entry], now.slice(0, 10))
  expect((await world.report(world.trained(settled)))?.conclusion).toBe('success')
  // With it in the name of other evidence it is another verdict.
  const lies = world.trained(held, {}, [evaluationOf(0.3)])
  expect((await world.report(lies))?.conclusion).toBe('failure')
  const bad = documentId(failed)
  await world.merged({ [acceptancePath(bad)]: acceptanceText({ ...entry, verdict: bad }) })
  expect((await world.report(world.trained(failed, {}, [evaluationOf(0.3)])))?.conclusion).toBe('failure')
})

test('the merge of an acceptance has the check of its proposal written again, by the report on a push with nothing to train', async () => {
  await using world = await acceptanceWorld()
  await world.merged({ 'gates/model.yaml': policy(0.4) })
  const run = world.trained(held)
  expect((await world.report(run))?.conclusion).toBe('action_required')
  const pushed = async () => {
    const at = { headSha: await world.git.resolve('main'), headBranch: 'main', headRepository: 'acme/data' }
    const of = { workflow: 'train.yml', name: 'Train', title: 'Train', actor: 'ada', attempt: 1, event: 'push' }
    const { id: pushRun } = world.server.runs.start({ ...of, ...at })
    world.server.runs.end(pushRun, 'success')
    return world.report(pushRun)
  }
  const entry = { verdict: id, reason: 'checked', owner: 'ada', expires: '2026-12-22' }
  const bad = 'a'.repeat(64)
  await world.merged({ [acceptancePath(bad)]: acceptanceText({ ...entry, verdict: bad }) })
  expect(await pushed()).toBeNull()
  await world.merged({ [acceptancePath(id)]: acceptanceText(entry) })
  expect(await pushed()).toMatchObject({
    check: 'sluice / model',
    conclusion: 'success',
    pullRequest: world.pull.number,
  })
  const said = (await world.forge.checks(world.head)).find(({ name }) => name === 'sluice / model')
  expect(said?.conclusion).toBe('success')
  // Any other push asks for nothing.
  await world.merged({ 'more.txt': 'x' })
  const reads = world.server.requests.length
  expect(await pushed()).toBeNull()
  expect(world.server.requests.slice(reads).filter((line) => line.includes('/artifacts/'))).toEqual([])
})

import { expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { type PlanRequest, planTraining } from '../../src/journeys/plan-training.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { trainRunOf } from '../core/judge/planted.ts'

const digest = (letter: string) => letter.repeat(64)
const wanted = { trainSet: digest('a'), validationSet: digest('b'), recipe: digest('c'), champion: digest('d') }

/** A proposal on a forge whose clock stands; `ada` may write, `bob` may not. */
async function proposalWorld(approved = true) {
  const clock = { at: Date.parse('2026-11-22T10:00:00Z') }
  const world = await forgeWorld({
    logins: { ada: 'ada', bob: 'bob' },
    people: { ada: 'write', bob: 'read' },
    now: () => new Date(clock.at),
  })
  const pull = await world.forge.openPullRequest(request)
  const review = (user: string, event = 'APPROVE') =>
    world.raw('POST', `/pulls/${pull.number}/reviews`, { event, body: 'x' }, user)
  if (approved) await review('ada')
  /** A run of Train that took so many hours, with documents as its evidence. */
  const ran = (hours: number, change: object = {}, documents: Document[] = []) => {
    const of = { workflow: 'train.yml', name: 'Train', actor: 'ada', attempt: 1, event: 'workflow_dispatch' }
    const about = { title: `Train #${pull.number} at ${world.head}`, headSha: world.first, headBranch: 'main' }
    const run = world.server.runs.start({ ...of, ...about, headRepository: 'acme/data', ...change })
    clock.at += hours * 3_600_000
    const bytes = (one: Document) => new TextEncoder().encode(JSON.stringify(one))
    const files = documents.map((one, i) => ({ path: `document-${i}.json`, bytes: bytes(one) }))
    if (files.length > 0) world.server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    world.server.runs.end(run.id, 'success')
    return run.id
  }
  const plan = (change: Partial<PlanRequest> = {}) =>
    planTraining(
      { forge: world.forge, digests: async () => wanted, readArchive: readEvidenceArchive },
      {
        pullRequest: pull.number,
        head: world.head,
        seeds: 1,
        budget: { aPullRequest: 8, aMonth: 20 },
        machines: 1,
        champion: true,
        changed: true,
        run: 999_999,
        now: new Date(clock.at),
        repository: 'acme/data',
        defaultBranch: 'main',
        ...change,
      },
    )
  return { ...world, clock, review, ran, plan }
}

const armOf = (role: 'candidate' | 'control', change: object = {}) => {
  const run = trainRunOf({ role, seed: 0, startedFrom: wanted.champion })
  const { trainSet, validationSet, recipe } = wanted
  return trainRun.make({ ...run.subject, trainSet, validationSet, recipe, ...change }, run.body)
}

test('an approved commit is trained: candidate and control, each with every seed', async () => {
  await using world = await proposalWorld()
  const { verdict, arms } = await world.plan({ seeds: 2 })
  expect(verdict).toBe('train')
  expect(arms).toEqual(['candidate', 'control'].flatMap((role) => [0, 1].map((seed) => ({ role, seed }))))
  expect((await world.plan({ champion: false })).arms).toEqual([{ role: 'champion', seed: 0 }])
})

test('nothing is trained without an approval of exactly this commit by somebody who may write', async () => {
  await using world = await proposalWorld(false)
  const refused = async () => (await world.plan()).reason
  expect(await refused()).toMatch(/nobody with write access/)
  await world.review('bob')
  expect(await refused()).toMatch(/nobody with write access/)
  await world.review('ada')
  expect((await world.plan()).verdict).toBe('train')
  await world.review('ada', 'REQUEST_CHANGES')
  expect(await refused()).toMatch(/nobody with write access/)
  await world.review('ada')
  const other = await world.plan({ head: world.first })
  expect([other.verdict, other.arms]).toEqual(['refused', []])
  expect(other.reason).toMatch(/was asked for/)
})

test('a push after the approval makes the answer no', async () => {
  await using world = await proposalWorld()
  world.write('b.txt', 'three\n')
  const newest = (await world.git.commit('third', ['b.txt'])) as string
  expect((await world.plan()).reason).toMatch(/have the newest commit reviewed/)
  expect((await world.plan({ head: newest })).reason).toMatch(/nobody with write access/)
})

test('what was spent is counted for the pull request and for the month, on every machine', async () => {
  await using world = await proposalWorld()
  world.ran(5)
  world.ran(30, { title: 'Train', event: 'push' })
  const { verdict, spent } = await world.plan({ budget: { aPullRequest: 8, aMonth: 40 } })
  expect([verdict, spent]).toEqual(['train', { aPullRequest: 5, aMonth: 35 }])
  expect((await world.plan()).reason).toMatch(/^35 of 20 hours of graphics cards are spent this month/)
  const two = await world.plan({ machines: 2, budget: { aPullRequest: 8, aMonth: 400 } })
  expect(two.reason).toMatch(/^10 of 8 hours of graphics cards are spent on this pull request/)
  world.clock.at = Date.parse('2026-12-01T00:00:00Z')
  expect((await world.plan({ budget: { aPullRequest: 8, aMonth: 1 } })).spent).toEqual({ aPullRequest: 5, aMonth: 0 })
})

test('a run that has not ended counts until now', async () => {
  await using world = await proposalWorld()
  const of = { workflow: 'train.yml', name: 'Train', actor: 'ada', attempt: 1, event: 'push', title: 'Train' }
  world.server.runs.start({ ...of, headSha: world.first, headBranch: 'main', headRepository: 'acme/data' })
  world.clock.at += 21 * 3_600_000
  expect((await world.plan()).reason).toMatch(/^21 of 20 hours of graphics cards are spent this month/)
})

test('every run of the month counts, and every one of the proposal, however many there are', async () => {
  await using world = await proposalWorld()
  const other = { title: `Train #99 at ${world.head}` }
  world.ran(1)
  for (let i = 0; i < 130; i++) world.ran(0.01, i > 20 ? other : { ...other, workflow: 'other.yml' })
  world.clock.at += 3_600_000
  const { spent } = await world.plan({ budget: { aPullRequest: 100, aMonth: 100 } })
  expect(spent.aPullRequest).toBeCloseTo(1, 6)
  expect(spent.aMonth).toBeCloseTo(2.09, 6)
  const pages = () => world.server.requests.filter((line) => line.includes('/workflows/train.yml/runs')).length
  expect(pages()).toBe(2)
  // In the next month they are looked through for the proposal alone.
  world.clock.at = Date.parse('2026-12-02T10:00:00Z')
  expect((await world.plan()).spent).toEqual({ aPullRequest: 1, aMonth: 0 })
  // A training after a merge is of no proposal: one page that reaches beyond the month is enough.
  const before = pages()
  await world.plan({ pullRequest: null })
  expect(pages() - before).toBe(1)
})

test('a run that trained the same is used again, also when the budget is spent', async () => {
  await using world = await proposalWorld()
  const id = world.ran(30, {}, [armOf('candidate'), armOf('control')])
  const again = await world.plan()
  expect([again.verdict, again.reuse?.id]).toEqual(['reuse', id])
  // After the merge the base is its own control.
  const merged = await world.plan({ pullRequest: null })
  expect([merged.verdict, merged.reuse?.id]).toEqual(['reuse', id])
  expect((await world.plan({ seeds: 2 })).verdict).toBe('refused')
})

test.each<[string, object, Document[]]>([
  ['another training set', {}, [armOf('candidate', { trainSet: digest('9') }), armOf('control')]],
  ['another validation set', {}, [armOf('candidate', { validationSet: digest('9') }), armOf('control')]],
  ['another recipe', {}, [armOf('candidate'), armOf('control', { recipe: digest('9') })]],
  ['one arm alone', {}, [armOf('candidate')]],
  ['the workflow of a branch', { headBranch: 'proposal' }, [armOf('candidate'), armOf('control')]],
  ['the workflow of a fork', { headRepository: 'eve/data' }, [armOf('candidate'), armOf('control')]],
  ['an event of a proposal', { event: 'pull_request' }, [armOf('candidate'), armOf('control')]],
])('a run is not used again: %s', async (_, change, documents) => {
  await using world = await proposalWorld()
  world.ran(1, change, documents)
  expect((await world.plan()).verdict).toBe('train')
})

test('after a merge that changes no data nothing is trained', async () => {
  await using world = await proposalWorld()
  expect((await world.plan({ pullRequest: null, changed: false })).verdict).toBe('nothing')
})

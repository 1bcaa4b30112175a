import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gpuInputs } from '../../src/adapters/gpu-inputs.ts'
import { reportWorld } from './report-world.ts'

const start = Date.parse('2026-11-22T10:00:00Z')
const spends =
  '; who may write may spend them with `/sluice train`, once somebody else who may write has approved the commit.'

/** A proposal of data on a base with a recipe; a clock; and what the comment says of graphics cards. */
async function spendingWorld(file = 'data/labels.txt') {
  const clock = { at: start }
  const world = await reportWorld({ now: () => new Date(clock.at) })
  mkdirSync(join(world.root, 'pipelines'))
  world.write('pipelines/candidate.yaml', 'name: candidate\n')
  await world.git.commit('a recipe', ['pipelines'])
  await world.git.checkout('proposal')
  mkdirSync(join(world.root, 'data'))
  world.write(file, 'changed\n')
  const head = (await world.git.commit('labels', [file])) as string
  await world.git.checkout('main')
  const trains = (commit = head, change: object = {}) =>
    world.server.runs.start({
      ...{ workflow: 'train.yml', name: 'Train', title: `Train #1 at ${commit}`, event: 'workflow_dispatch' },
      ...{ actor: 'ada', attempt: 1, headSha: world.first, headBranch: 'main', headRepository: 'acme/data', ...change },
    })
  const ends = (run: { id: number }, hours: number, conclusion = 'failure') => {
    clock.at += hours * 3_600_000
    world.server.runs.end(run.id, conclusion)
  }
  const limits = (budget = { aPullRequest: 8, aMonth: 200 }) => ({ budget, machines: 1, now: new Date(clock.at) })
  const tell = (run: { id: number }, budget?: { aPullRequest: number; aMonth: number }) =>
    world.told(run, world.forge, limits(budget))
  const judged = (more: object = {}) => world.start('pull_request', 'proposal', { headSha: head, ...more })
  const said = async () => {
    const body = (await world.raw('GET', '/issues/1/comments')).body.at(-1)?.body as string
    return body.split('\n').find((line) => line.startsWith('Graphics cards: '))
  }
  return { ...world, labelled: head, clock, trains, ends, tell, judged, said }
}

test('a comment says what graphics cards may cost, have cost, and who may spend them, before anything is trained', async () => {
  await using world = await spendingWorld()
  world.ends(world.trains(world.first, { title: `Train #9 at ${world.first}` }), 3)
  await world.tell(world.judged())
  expect(await world.said()).toBe(
    `Graphics cards: 0 of 8 hours of this pull request and 3 of 200 hours of this month are spent${spends}`,
  )
})

test('the limits are those of the settings, whatever a run says of itself', async () => {
  await using world = await spendingWorld()
  world.ends(world.trains(), 2.5)
  await world.tell(world.judged({ reason: 'Graphics cards: 0 of 1000 hours' }), { aPullRequest: 3, aMonth: 4 })
  expect(await world.said()).toContain('2.5 of 3 hours of this pull request and 2.5 of 4 hours of this month')
})

test('a spent budget is said, with who can raise it', async () => {
  await using world = await spendingWorld()
  world.ends(world.trains(), 9)
  await world.tell(world.judged())
  expect(await world.said()).toBe(
    `Graphics cards: 9 of 8 hours of this pull request and 9 of 200 hours of this month are spent${spends} Nothing more is trained until a maintainer raises the budget.`,
  )
})

test('a run that works is said, with the hours that it has taken so far', async () => {
  await using world = await spendingWorld()
  await world.tell(world.judged())
  const run = world.trains()
  world.clock.at += 1.5 * 3_600_000
  expect(await world.tell(run)).toBeNull()
  expect(await world.said()).toBe(
    `Graphics cards: 1.5 of 8 hours of this pull request and 1.5 of 200 hours of this month are spent${spends} Run ${run.id} of Train is at work.`,
  )
  expect((await world.forge.checks(world.labelled)).map(({ conclusion }) => conclusion)).toEqual([
    'success',
    'action_required',
  ])
})

test('a run that was cancelled is said: of this commit with how to go on, of an older one by the next report', async () => {
  await using world = await spendingWorld()
  await world.tell(world.judged())
  const run = world.trains()
  world.ends(run, 1, 'cancelled')
  await world.tell(run)
  expect(await world.said()).toContain(` Run ${run.id} of Train was cancelled: \`/sluice train\` starts another.`)
  const older = world.trains(world.head)
  world.ends(older, 1, 'cancelled')
  const before = await world.said()
  expect(await world.tell(older)).toBeNull()
  expect(await world.said()).toBe(before)
  await world.tell(world.judged())
  expect(await world.said()).toContain(
    ` Run ${older.id} of Train, of the older commit \`${world.head.slice(0, 12)}\`, was cancelled.`,
  )
})

test('nothing is said of graphics cards where nothing is trained', async () => {
  await using world = await spendingWorld('notes.md')
  await world.tell(world.judged())
  expect(await world.said()).toBeUndefined()
})

test('with 0 hours nothing is trained and everything else is told; what is no number is refused', async () => {
  const { budget, machines } = gpuInputs('0', '0.5', '2')
  expect([budget, machines]).toEqual([{ aPullRequest: 0, aMonth: 0.5 }, 2])
  await using world = await spendingWorld()
  expect(await world.tell(world.judged(), budget)).toMatchObject({ conclusion: 'success' })
  expect(await world.said()).toContain('Nothing more is trained until a maintainer raises the budget.')
  for (const hours of ['', '-1', 'many', '1e9', 'Infinity'])
    expect(() => gpuInputs(hours, '1', '1')).toThrow('is no number of hours')
})

test('trainings of one commit are counted, those of an older one and of another proposal are not', async () => {
  await using world = await spendingWorld()
  world.ends(world.trains(), 1)
  world.ends(world.trains(world.first), 1)
  world.ends(world.trains(world.labelled, { title: `Train #9 at ${world.labelled}` }), 1)
  await world.tell(world.judged())
  expect(await world.said()).not.toContain('was started')
  world.ends(world.trains(), 1, 'success')
  await world.tell(world.judged())
  expect(await world.said()).toContain(' Train was started 2 times on this commit.')
})

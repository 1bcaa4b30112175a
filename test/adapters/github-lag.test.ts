import { expect, test } from 'vitest'
import { annotations, assets, checkOf, type ForgeWorld, forgeWorld, release, request, tagged } from './forge-world.ts'

const lagMs = 200
// Pauses of 80, 160, 320 ms and so on, for 2, 4 and 8 seconds at GitHub.
const clientOf = (world: ForgeWorld) => world.clientWith('ghs_test', { pauseMs: 40 })
const behind = (world: ForgeWorld) => {
  world.server.limits.listLagMs = lagMs
}
const made = async (world: ForgeWorld, path: string) => {
  world.server.limits.listLagMs = 0
  return (await world.raw('GET', path)).body
}
const dispatch = (world: ForgeWorld, retried = false) => ({
  ...{ workflow: 'train.yml', branch: 'main', title: `Train #1 at ${world.head}`, retried },
  inputs: { 'pull-request': '1', 'head-sha': world.head },
  since: '2026-01-01T00:00:00Z',
})

test('a list shows what was written only when its lag is over, and one thing is read as it is', async () => {
  let time = Date.parse('2026-11-22T10:00:00Z')
  await using world = await forgeWorld({ now: () => new Date(time) })
  await world.forge.openPullRequest(request)
  behind(world)
  const { id } = (await world.raw('POST', '/issues/1/comments', { body: 'text' })).body
  expect((await world.raw('GET', '/issues/1/comments')).body).toEqual([])
  expect((await world.raw('GET', `/issues/comments/${id}`)).body.body).toBe('text')
  time += lagMs
  expect((await world.raw('GET', '/issues/1/comments')).body).toHaveLength(1)
  const of = { workflow: 'train.yml', name: 'Train', title: 't', event: 'push', actor: 'ada', attempt: 1 }
  world.server.runs.start({ ...of, headSha: world.head, headBranch: 'main', headRepository: 'acme/data' })
  expect((await world.raw('GET', '/actions/runs')).body.workflow_runs).toEqual([])
})

test('two runs that comment at once behind a list leave one comment, the later run’s', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  behind(world)
  const say = (run: number) => clientOf(world).upsertComment(1, 'qa', `run ${run}`, { run, attempt: 1 })
  await Promise.all([say(6), say(5)])
  await say(7)
  const left = await made(world, '/issues/1/comments')
  expect(left.map(({ body }: { body: string }) => body)).toEqual(['<!-- sluice:qa run=7.1 -->\nrun 7'])
})

/** Each write that makes something, and what of it is there afterwards. */
const writes: Record<
  string,
  { path: RegExp; write: (world: ForgeWorld) => Promise<unknown>; count: (world: ForgeWorld) => Promise<number> }
> = {
  comment: {
    path: /\/comments$/,
    write: (world) => clientOf(world).upsertComment(1, 'qa', 'text', { run: 5, attempt: 1 }),
    count: async (world) => (await made(world, '/issues/1/comments')).length,
  },
  check: {
    path: /\/check-runs$/,
    write: (world) =>
      clientOf(world).upsertCheck({
        ...checkOf(world, 3),
        annotations: annotations(60),
        order: { run: 5, attempt: 1 },
      }),
    count: async (world) => (await made(world, `/commits/${world.head}/check-runs?filter=all`)).check_runs.length,
  },
  'pull request': {
    path: /\/pulls$/,
    write: (world) => clientOf(world).proposeChange({ ...change, date: tagged.date }),
    count: async (world) => (await made(world, '/pulls?state=all')).length - 1,
  },
  tag: {
    path: /\/git\/refs$/,
    write: (world) => clientOf(world).createTag({ ...tagged, sha: world.first }),
    count: async (world) => (await made(world, '/git/matching-refs/tags/model')).length,
  },
  release: {
    path: /\/releases$/,
    write: async (world) => {
      await clientOf(world).createTag({ ...tagged, sha: world.first })
      await clientOf(world).createRelease({ ...release, assets })
    },
    count: async (world) => (await made(world, '/releases')).length,
  },
  asset: {
    path: /\/releases\/\d+\/assets$/,
    write: async (world) => {
      await clientOf(world).createTag({ ...tagged, sha: world.first })
      await clientOf(world).createRelease({ ...release, assets: assets.slice(0, 1) })
    },
    count: async (world) => (await made(world, '/releases'))[0].assets.length,
  },
}
const change = { prefix: 'sluice/data', base: 'main', title: 'Change a', body: '', files: { 'a.txt': 'two\n' } }

test.each(Object.keys(writes))('%s: a POST whose answer is lost behind a list makes one thing', async (name) => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const { path, write, count } = writes[name] as (typeof writes)[string]
  behind(world)
  world.server.faults.push({ kind: 'lost-response', method: 'POST', path })
  await write(world)
  expect(world.server.faults[0]?.times).toBe(0)
  expect(await count(world)).toBe(1)
})

test('a run that was started, but is not listed yet, is not started again by a second try', async () => {
  const started: string[] = []
  await using world = await forgeWorld({ onEvent: ({ name }) => void started.push(name) })
  await world.forge.openPullRequest(request)
  const of = { workflow: 'train.yml', name: 'Train', title: `Train #1 at ${world.head}`, event: 'workflow_dispatch' }
  behind(world)
  world.server.runs.start({
    ...of,
    actor: 'x',
    attempt: 1,
    headSha: world.head,
    headBranch: 'main',
    headRepository: 'acme/data',
  })
  expect(await clientOf(world).dispatch(dispatch(world, true))).toBe(false)
  expect(started.filter((name) => name === 'workflow_dispatch')).toEqual([])
})

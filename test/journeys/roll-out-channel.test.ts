import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { fetchBranch } from '../../src/adapters/git-fetch.ts'
import { rolloutFolder } from '../../src/adapters/rollout-folder.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { rolloutState } from '../../src/core/documents/release.ts'
import { ToolError } from '../../src/core/errors.ts'
import { advance } from '../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../src/core/rollout/rules.ts'
import type { RouterStatus } from '../../src/core/rollout/tally.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { rollOutChannel } from '../../src/journeys/roll-out-channel.ts'
import type { Router } from '../../src/ports.ts'
import { promote, readChannel, rollBack } from '../../src/steps/promote.ts'
import { forgeWorld } from '../adapters/forge-world.ts'
import { type Nature, routerAt, serve } from '../core/rollout/scripted.ts'
import { date, hash, manifestOf } from '../steps/release-world.ts'

const policy = `name: rollout
rollout:
  shadow: { minimumRequests: 100, minimumSeconds: 0 }
  steps: [0.5, 1]
  minimumRequests: 100
  minimumSeconds: 0
  alpha: 0.05
  margins: { lost: 0.15, failures: 0.05, latency: 1.5, flood: 0.25 }
`

/** A server with a champion, whose challenger is of this nature; 200 requests are served between two looks. */
function serverOf(champion: string, nature: Nature) {
  const random = seededRandom('rollout')
  const status: RouterStatus = {
    ...routerAt(),
    champion: { version: champion, artifact: hash(champion), state: 'ready' },
    challenger: null,
  }
  const writes: string[] = []
  const router: Router = {
    status: async () => {
      if (status.challenger) serve(status, 200, nature, random)
      return structuredClone(status)
    },
    setWeight: async ({ challenger, shadow }) => {
      writes.push(`weight ${challenger}`)
      Object.assign(status, { weight: challenger, shadow })
    },
    setChallenger: async (source) => {
      writes.push(`challenger ${source?.artifact}`)
      const version = source?.artifact ?? ''
      status.challenger = source && { version, artifact: hash(version), state: 'ready' }
    },
  }
  return { router, writes, status }
}

/** A forge whose main has promoted v1.0.0 and then v1.1.0, each with its tag, and a clone of it as a job has one. */
async function promotedWorld() {
  const world = await forgeWorld({ logins: { app: 'sluice-app[bot]' } })
  await world.git.checkout('main')
  mkdirSync(join(world.root, 'gates'))
  world.write('gates/rollout.yaml', policy)
  await world.git.commit('A policy', ['gates'])
  for (const version of ['v1.0.0', 'v1.1.0']) {
    const about = { channel: 'production', base: 'main', artifact: hash(version), summary: 'it passed' }
    const ports = { git: world.git, storage: createStorage(), forge: null }
    const { branch } = await promote(ports, { ...about, manifest: manifestOf(version) })
    await world.git.merge(branch as string, `Merge ${version}`)
    await world.git.tag(`worksite@${version}`, 'main', version, date)
  }
  const clone = join(world.root, '.git/clone')
  execFileSync('git', ['clone', '--quiet', world.root, clone])
  const folder = join(world.root, '.git/rollouts')
  const kept = rolloutFolder(clone, folder, 'production')
  let time = Date.parse('2026-11-22T11:00:00Z')
  const now = () => {
    time += 1000
    return new Date(time)
  }
  const run = (server: ReturnType<typeof serverOf>, signal?: AbortSignal, onLook?: () => void) =>
    rollOutChannel(
      {
        git: createGit(clone),
        forge: world.clientWith('app'),
        refresh: () => fetchBranch(clone, { repository: 'acme/data', token: 'app', branch: 'main' }),
        router: server.router,
        // Looks have names by their time: it must go on.
        clock: { now, sleep: async () => {} },
        ...kept,
        bring: async ({ version }) => ({ artifact: version, manifest: '' }),
      },
      {
        ...{ channel: 'production', branch: 'main', policy: 'gates/rollout.yaml', intervalSeconds: 0.001 },
        ...(signal ? { signal } : {}),
        ...(onLook ? { onLook } : {}),
      },
    )
  const changed = () => world.server.requests.filter((line) => !line.startsWith('GET')).length
  const stages = async () => (await world.git.tags('worksite#*')).map(({ name, commit }) => [name, commit] as const)
  return { ...world, run, changed, stages, kept }
}

test('a promotion is one commit and a stage tag on the release; from rest nothing is asked of server or forge', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.0.0', {})
  const before = await world.git.resolve('main')
  expect(await world.run(server)).toMatchObject({ phase: 'promoted' })
  expect(server.status).toMatchObject({ weight: 1, challenger: { version: 'v1.1.0' } })
  expect(await world.git.changedFiles(before, 'main')).toEqual(['channels/rollouts/production-v1.1.0.json'])
  expect(await world.git.mergeBase(before, 'main')).toBe(before)
  const released = (await world.git.tags('worksite@v1.1.0'))[0]?.commit
  expect(await world.stages()).toEqual([['worksite#production#1', released]])
  const [writes, changes] = [server.writes.length, world.changed()]
  expect(await world.run(server)).toMatchObject({ phase: 'settled', reason: expect.stringMatching(/^promoted: /) })
  expect([server.writes.length, world.changed()]).toEqual([writes, changes])
})

test('harm puts the channel back in the commit of the record, and the stage on the champion; then nothing is left to do', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.0.0', { lost: 0.6 })
  const before = await world.git.resolve('main')
  expect(await world.run(server)).toMatchObject({ phase: 'rolled-back', reason: expect.stringMatching(/^harm: /) })
  expect(server.status.weight).toBe(0)
  expect(await world.git.changedFiles(before, 'main')).toEqual([
    'channels/production.yaml',
    'channels/rollouts/production-v1.1.0.json',
  ])
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({
    version: 'v1.0.0',
    history: [{ version: 'v1.1.0', reason: expect.stringMatching(/^rolled back: harm/) }],
  })
  const stays = (await world.git.tags('worksite@v1.0.0'))[0]?.commit
  expect(await world.stages()).toEqual([['worksite#production#1', stays]])
  const changes = world.changed()
  expect(await world.run(server)).toMatchObject({ phase: 'in place' })
  expect(world.changed()).toBe(changes)
})

test('cut off in the middle it goes on from its state, with the challenger that is there', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.0.0', {})
  const stop = new AbortController()
  expect(await world.run(server, stop.signal, () => stop.abort())).toMatchObject({ phase: 'shadow' })
  expect(await world.run(server)).toMatchObject({ phase: 'promoted' })
  expect(server.writes.filter((line) => line.startsWith('challenger'))).toEqual(['challenger v1.1.0'])
})

test('what was ended by hand on the machine is written into git by the next run', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.0.0', {})
  const stop = new AbortController()
  await world.run(server, stop.signal, () => stop.abort())
  const state = world.kept.open('v1.1.0')
  if (!state) throw new Error('no state was kept')
  const by = { type: 'abort', id: 'abort-1', at: 1_795_345_200, by: 'ana', reason: 'second thoughts' } as const
  const ended = advance(state, by, rolloutRules(undefined)).state
  await world.kept.save('v1.1.0', { ...ended, pending: [] })
  expect(await world.run(server)).toMatchObject({ phase: 'rolled-back' })
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ version: 'v1.0.0' })
})

test('a server with another champion than the channel had before is not touched', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v0.9.0', {})
  await expect(world.run(server)).rejects.toThrow(/before v1.1.0 the channel ran v1.0.0/)
  expect(server.writes).toEqual([])
  expect(world.changed()).toBe(0)
})

test('somebody else’s commit on main is kept: the end is written on top of it', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.0.0', {})
  let theirs = ''
  const push = () => {
    if (theirs) return
    writeFileSync(join(world.root, 'theirs.txt'), 'x')
    world.plain('add', 'theirs.txt')
    world.plain('-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '-m', 'Theirs')
    theirs = world.plain('rev-parse', 'HEAD')
  }
  await world.run(server, undefined, push)
  expect(world.plain('rev-parse', 'main~1')).toBe(theirs)
})

type Promoted = Awaited<ReturnType<typeof promotedWorld>>
const takenBack: [string, (world: Promoted) => Promise<void>][] = [
  [
    'sluice promote --rollback',
    async ({ git }) => {
      const ports = { git, storage: createStorage(), forge: null }
      const about = { channel: 'production', base: 'main', reason: 'people saw it', atOnce: false }
      await git.merge((await rollBack(ports, about)).branch as string, 'Roll back')
    },
  ],
  [
    'a revert of the promotion',
    async ({ plain }) => {
      const merge = plain('log', '--format=%H', '--grep=Merge v1.1.0', '-1').trim()
      plain('-c', 'user.name=a', '-c', 'user.email=a@localhost', 'revert', '--no-edit', '-m', '1', merge)
    },
  ],
]
const started: [string, string, number][] = [
  ['the release before, whose challenger the other one is', 'v1.0.0', 0],
  ['the release that was given up', 'v1.1.0', 1],
]
const cases = takenBack.flatMap(([by, take]) =>
  started.map(([with_, champion, weight]) => [by, with_, champion, weight, take] as const),
)

test.each(cases)(
  'merged, %s gives traffic, channel and stage back at once, on a server with %s, also where the job failed first',
  async (_by, _on, champion, weight, take) => {
    await using world = await promotedWorld()
    const first = serverOf('v1.0.0', {})
    await world.run(first)
    // A server is started again with what it serves.
    const server = champion === 'v1.0.0' ? first : serverOf(champion, {})
    await take(world)
    const [released] = await world.git.tags('worksite@v1.0.0')
    const { status, setWeight } = server.router
    server.router.status = () => Promise.reject(new ToolError('the server is not there'))
    await expect(world.run(server)).rejects.toThrow('the server is not there')
    server.router.status = status
    server.router.setWeight = () => Promise.reject(new ToolError('the server has gone'))
    await expect(world.run(server)).rejects.toThrow('the server has gone')
    server.router.setWeight = setWeight
    expect(await world.run(server)).toMatchObject({
      phase: 'in place',
      reason: expect.stringMatching(/^v1.0.0 has all traffic/),
    })

    expect(server.status).toMatchObject({ weight, shadow: false, champion: { version: champion } })
    if (weight === 1) expect(server.status.challenger).toMatchObject({ version: 'v1.0.0' })
    expect((await world.stages()).at(-1)).toEqual(['worksite#production#2', released?.commit])
    expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ version: 'v1.0.0' })
    const [writes, changes] = [server.writes.length, world.changed()]
    expect((await world.run(server)).phase).toBe('in place')
    expect([server.writes.length, world.changed()]).toEqual([writes, changes])
  },
)

test('a release that somebody rolls out by hand is left alone: no channel ever named it', async () => {
  await using world = await promotedWorld()
  const server = serverOf('v1.1.0', {})
  const artifacts = { champion: hash('v1.1.0'), challenger: hash('v1.2.0') }
  const state = {
    channel: 'production',
    champion: 'v1.1.0',
    challenger: 'v1.2.0',
    phase: 'promoted',
    weight: 1,
  } as const
  const record = rolloutState.make({}, { ...state, step: 1, looks: [], reason: 'by hand', events: [], artifacts })
  mkdirSync(join(world.root, 'channels/rollouts'), { recursive: true })
  world.write('channels/rollouts/production-v1.2.0.json', JSON.stringify(record))
  await world.git.commit('By hand', ['channels'])
  const challenger = { version: 'v1.2.0', artifact: hash('v1.2.0'), state: 'ready' as const }
  Object.assign(server.status, { challenger, weight: 1, shadow: false })
  expect(await world.run(server)).toMatchObject({ phase: 'in place' })
  expect([server.status.weight, server.writes]).toEqual([1, []])
})

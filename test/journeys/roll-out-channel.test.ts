import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { fetchBranch } from '../../src/adapters/git-fetch.ts'
import { rolloutFolder } from '../../src/adapters/rollout-folder.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { advance } from '../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../src/core/rollout/rules.ts'
import type { RouterStatus } from '../../src/core/rollout/tally.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { rollOutChannel } from '../../src/journeys/roll-out-channel.ts'
import type { Router } from '../../src/ports.ts'
import { promote, readChannel } from '../../src/steps/promote.ts'
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

import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { startRollout } from '../../src/core/rollout/machine.ts'
import { promote, readChannel, rollBack } from '../../src/steps/promote.ts'
import { makeRelease } from '../../src/steps/release.ts'
import { settleRollout } from '../../src/steps/settle-rollout.ts'
import { hash, releaseInput, releaseWorld } from './release-world.ts'

// GTO comes with DVC, at the version that its lock pins.
let world: Awaited<ReturnType<typeof releaseWorld>>
beforeAll(async () => {
  world = await releaseWorld()
}, 180_000)
afterAll(() => world?.remove())

const gto = async (...args: string[]) => {
  const { stdout } = await execa(join(dirname(pythonTool('dvc')), 'gto'), args, {
    cwd: world.root,
    env: toolEnvironment({}),
    extendEnv: false,
  })
  return JSON.parse(stdout) as never
}
/** What GTO says that runs: the newest version, and who has the stage. */
const shown = async () => {
  const registry = (await gto('show', '--json')) as { worksite: { version: string; stage: { production?: string } } }
  return [registry.worksite.version, registry.worksite.stage.production ?? null]
}
const inChannel = async () => (await readChannel(world.git, 'main', 'production'))?.version ?? null

let day = 20
const release = async (version: string) => {
  // A release is of a commit of its own: GTO finds a stage's version by the commit.
  world.ports.storage.write(`${world.root}/data/${version}.txt`, version)
  await world.git.commit(`data of ${version}`, ['data'])
  const artifacts = [{ format: 'onnx', path: 'model.onnx', sha256: hash(version), bytes: 4, state: 'gated' }]
  day += 1
  const about = { version, artifacts, revision: 'main', date: `2026-11-${day}T10:00:00Z` }
  const { manifest } = await makeRelease(world.git, releaseInput('pass', about))
  return manifest
}
const merge = async (manifest: Awaited<ReturnType<typeof release>>) => {
  const { version } = manifest.body
  const change = { channel: 'production', base: 'main', manifest, artifact: hash(version), summary: '' }
  const { branch } = await promote(world.ports, change)
  await world.git.merge(branch as string, `Promote ${version}`)
}
const settle = async (champion: string, challenger: string, type: 'promote' | 'rollback') => {
  const arm = (version: string) => ({ version, artifact: hash(version) })
  const arms = { champion: arm(champion), challenger: arm(challenger), expected: null }
  const state = startRollout({ channel: 'production', ...arms })
  const effect = { id: 'e', type, weight: type === 'promote' ? 1 : 0, reason: 'by the numbers' }
  // In the second of the release itself: GTO needs an order all the same.
  const end = { base: 'main', effect, state, date: `2026-11-${day}T10:00:00Z` }
  await settleRollout(world.ports, end)
  await settleRollout(world.ports, end)
}

test('GTO reads what runs as the channel says it: released, promoted, rolled out, rolled back', async () => {
  const first = await release('v1.0.0')
  await merge(first)
  await settle('v0', 'v1.0.0', 'promote')
  expect([await shown(), await inChannel()]).toEqual([['v1.0.0', 'v1.0.0'], 'v1.0.0'])

  // Merged is not yet served: until its rollout ends the stage is the champion's.
  await merge(await release('v1.1.0'))
  expect(await shown()).toEqual(['v1.1.0', 'v1.0.0'])
  await settle('v1.0.0', 'v1.1.0', 'promote')
  expect([await shown(), await inChannel()]).toEqual([['v1.1.0', 'v1.1.0'], 'v1.1.0'])

  await merge(await release('v1.2.0'))
  await settle('v1.1.0', 'v1.2.0', 'rollback')
  expect([await shown(), await inChannel()]).toEqual([['v1.2.0', 'v1.1.0'], 'v1.1.0'])

  await rollBack(world.ports, { channel: 'production', base: 'main', reason: 'it lost boxes', atOnce: true })
  expect([await shown(), await inChannel()]).toEqual([['v1.2.0', 'v1.0.0'], 'v1.0.0'])
}, 180_000)

test('GTO’s history has every release and stage in the order in which they came, and its check-ref knows each tag', async () => {
  const history = (await gto('history', '--json')) as { event: string; version: string; stage?: string; ref: string }[]
  const told = history.toReversed().map(({ event, version, stage }) => [event, version, stage ?? ''].join(' ').trim())
  expect(told).toEqual([
    'registration v1.0.0',
    'assignment v1.0.0 production',
    'registration v1.1.0',
    'assignment v1.1.0 production',
    'registration v1.2.0',
    'assignment v1.0.0 production',
  ])
  for (const name of ['worksite@v1.1.0', 'worksite#production#2']) {
    const [, stage] = name.split('#')
    const ref = (await gto('check-ref', '--json', name)) as { version: string; stage?: string; commit_hexsha: string }
    const commit = await world.git.resolve(`worksite@${ref.version}`)
    expect([ref.stage, ref.commit_hexsha], name).toEqual([stage, commit])
  }
}, 180_000)

test('a rollback that was cut off before its tag gives it when it is called again', async () => {
  await merge(await release('v1.3.0'))
  await settle('v1.0.0', 'v1.3.0', 'promote')
  await settle('v1.0.0', 'v1.3.0', 'rollback')
  const newest = (await world.git.tags('worksite#*'))
    .map(({ name }) => name)
    .toSorted()
    .at(-1) as string
  expect([await shown(), await inChannel(), newest]).toEqual([['v1.3.0', 'v1.0.0'], 'v1.0.0', 'worksite#production#5'])
  await execa('git', ['tag', '--delete', newest], { cwd: world.root })
  await settle('v1.0.0', 'v1.3.0', 'rollback')
  expect([await shown(), await inChannel()]).toEqual([['v1.3.0', 'v1.0.0'], 'v1.0.0'])
}, 180_000)

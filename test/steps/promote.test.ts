import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { documentId } from '../../src/core/documents/define.ts'
import { UsageError } from '../../src/core/errors.ts'
import { manifestPath } from '../../src/core/rollout/channels.ts'
import { startRollout } from '../../src/core/rollout/machine.ts'
import { pointerPath, promote, promotionChange, readChannel, rollBack } from '../../src/steps/promote.ts'
import { buildManifest, type ReleaseInput } from '../../src/steps/release.ts'
import { settleRollout } from '../../src/steps/settle-rollout.ts'
import { tagStage } from '../../src/steps/stage-tag.ts'
import { date, hash, manifestOf, releaseInput, releaseWorld } from './release-world.ts'

let world: Awaited<ReturnType<typeof releaseWorld>>
beforeEach(async () => {
  world = await releaseWorld()
})
afterEach(() => world?.remove())

const propose = (version: string) =>
  promote(world.ports, {
    channel: 'production',
    base: 'main',
    manifest: manifestOf(version),
    artifact: hash(version),
    summary: 'it passed',
  })
const accept = async (version: string) => {
  const { branch } = await propose(version)
  await world.git.merge(branch as string, `Merge ${version}`)
}

test('promotes on a branch through one pull request, however often it is called', async () => {
  const first = await propose('v1.0.0')
  expect(first).toMatchObject({ changed: true, branch: 'promote/production/worksite-v1.0.0' })
  expect(first.pullRequest).toMatchObject({
    state: 'open',
    title: 'Promote worksite v1.0.0 to production',
    body: 'it passed',
  })
  const again = await propose('v1.0.0')
  expect(again).toMatchObject({ changed: false, commit: first.commit })
  expect(again.pullRequest?.number).toBe(first.pullRequest?.number)
  expect(await world.git.changedFiles('main', first.branch as string)).toEqual(
    [manifestPath('worksite', 'v1.0.0'), 'channels/production.yaml'].sort(),
  )
  expect(await world.git.currentBranch()).toBe('main')
  expect(await readChannel(world.git, 'main', 'production')).toBeNull()
})

test('a release that was made over its verdict says so in the pull request', async () => {
  const { serving } = releaseInput()
  const manifest = buildManifest(
    releaseInput('pass', { serving: { ...serving, channels: 'BGR' }, overrideServing: 'the camera sends BGR' }),
  )
  const { pullRequest } = await promote(world.ports, {
    channel: 'production',
    base: 'main',
    manifest,
    artifact: hash('onnx'),
    summary: 'it passed',
  })
  expect(pullRequest?.body).toBe(
    'it passed\n\nThis release was not judged with this serving; overridden: the camera sends BGR',
  )
})

const dvcFile = (path: string) =>
  `outs:\n- md5: ${'a'.repeat(32)}.dir\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: ${path}\n`

test('the change of a promotion is told without writing: channel, manifest, pointer of its files, digest of its bundle', async () => {
  const input = {
    channel: 'production',
    base: 'main',
    manifest: manifestOf('v1.0.0'),
    artifact: hash('v1.0.0'),
    bundle: hash('bundle'),
    pointer: dvcFile('v1.0.0'),
    summary: 'it passed',
  }
  const told = await promotionChange(world.git, input)
  expect(told).toMatchObject({
    branch: 'promote/production/worksite-v1.0.0',
    title: 'Promote worksite v1.0.0 to production',
    body: `it passed\n\nEvidence bundle \`${hash('bundle')}\``,
  })
  expect(Object.keys(told?.files ?? {}).sort()).toEqual([
    'channels/production.yaml',
    'channels/releases/worksite/v1.0.0.json',
    'models/worksite/.gitignore',
    'models/worksite/v1.0.0.dvc',
  ])
  await expect(world.git.resolve('refs/heads/promote/production/worksite-v1.0.0')).rejects.toThrow()
  const done = await promote(world.ports, input)
  expect(await world.git.changedFiles('main', done.branch as string)).toEqual(Object.keys(told?.files ?? {}).sort())
  // As dvc add leaves it: it may not keep the second call from the branch.
  mkdirSync(join(world.root, 'models/worksite'), { recursive: true })
  writeFileSync(join(world.root, pointerPath('worksite', 'v1.0.0')), input.pointer)
  expect(await promote(world.ports, input)).toMatchObject({ changed: false, commit: done.commit })
  await world.git.merge(done.branch as string, 'Merge')
  expect(await promotionChange(world.git, input)).toBeNull()
  const next = await promotionChange(world.git, {
    ...input,
    manifest: manifestOf('v1.1.0'),
    artifact: hash('v1.1.0'),
    pointer: dvcFile('v1.1.0'),
  })
  expect(next?.files['models/worksite/.gitignore']).toBe('/v1.0.0\n/v1.1.0\n')
  await expect(
    promotionChange(world.git, { ...input, manifest: manifestOf('v1.1.0'), artifact: hash('v1.1.0') }),
  ).rejects.toThrow(/about v1.0.0, not v1.1.0/)
})

test('a release that runs there gets its bundle named without another place in the history, and keeps it over a rollback', async () => {
  await accept('v1.0.0')
  const name = async (version: string) => {
    const input = { channel: 'production', base: 'main', manifest: manifestOf(version), artifact: hash(version) }
    const { branch } = await promote(world.ports, { ...input, bundle: hash(`b ${version}`), summary: '' })
    await world.git.merge(branch as string, `Name the bundle of ${version}`)
  }
  await name('v1.0.0')
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ bundle: hash('b v1.0.0'), history: [] })
  await name('v1.1.0')
  await rollBack(world.ports, { channel: 'production', base: 'main', reason: 'harm', atOnce: true })
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({
    version: 'v1.0.0',
    bundle: hash('b v1.0.0'),
    history: [{ version: 'v1.1.0', bundle: hash('b v1.1.0') }],
  })
})

test('does nothing for a release that runs there already, and keeps the earlier one in the history', async () => {
  await accept('v1.0.0')
  expect(await propose('v1.0.0')).toEqual({ changed: false, branch: null, commit: null, pullRequest: null })
  await accept('v1.1.0')
  const channel = await readChannel(world.git, 'main', 'production')
  expect(channel).toMatchObject({
    version: 'v1.1.0',
    manifest: documentId(manifestOf('v1.1.0')),
    artifact: hash('v1.1.0'),
  })
  expect(channel?.history).toMatchObject([
    { version: 'v1.0.0', artifact: hash('v1.0.0'), reason: 'replaced by v1.1.0' },
  ])
})

test('rolls back by a commit, and never to a release that was rolled back', async () => {
  for (const version of ['v1.0.0', 'v1.1.0', 'v1.2.0']) await accept(version)
  const undo = { channel: 'production', base: 'main', reason: 'it lost boxes', atOnce: true }
  const change = await rollBack(world.ports, undo)
  expect(change).toMatchObject({ changed: true, branch: 'main' })
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({
    version: 'v1.1.0',
    history: [{ version: 'v1.2.0', reason: 'rolled back: it lost boxes' }, { version: 'v1.0.0' }],
  })
  await rollBack(world.ports, undo)
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ version: 'v1.0.0' })
  await expect(rollBack(world.ports, undo)).rejects.toThrow(/no earlier release/)
})

test('an artefact that was rolled back comes back only as a release with evidence that it did not have', async () => {
  for (const version of ['v1.0.0', 'v1.1.0']) await accept(version)
  await rollBack(world.ports, { channel: 'production', base: 'main', reason: 'it lost boxes', atOnce: true })
  await expect(propose('v1.1.0')).rejects.toThrow(/was rolled back as v1.1.0: this is the same release/)
  const again = (evidence: ReleaseInput['evidence']) =>
    promote(world.ports, {
      channel: 'production',
      base: 'main',
      manifest: buildManifest(
        releaseInput('pass', {
          version: 'v1.2.0',
          artifacts: [{ format: 'onnx', path: 'model.onnx', sha256: hash('v1.1.0'), bytes: 4, state: 'gated' }],
          evidence,
        }),
      ),
      artifact: hash('v1.1.0'),
      summary: 'measured again',
    })
  const document = (kind: string) => ({ document: { kind, version: 1, subject: {}, body: {} }, path: 'x.json' })
  await expect(again([])).rejects.toThrow(/names no evidence that it did not have/)
  await expect(again([document('TrainRun')])).rejects.toThrow(/names no evidence that it did not have/)
  expect(await again([document('Evaluation')])).toMatchObject({ changed: true })
})

test('proposes a rollback as a pull request when it may wait', async () => {
  for (const version of ['v1.0.0', 'v1.1.0']) await accept(version)
  const undo = { channel: 'production', base: 'main', reason: 'second thoughts', atOnce: false }
  const first = await rollBack(world.ports, undo)
  expect(first.pullRequest?.title).toBe('Roll production back from worksite v1.1.0 to v1.0.0')
  expect(await rollBack(world.ports, undo)).toMatchObject({
    changed: false,
    pullRequest: { number: first.pullRequest?.number },
  })
})

test('refuses an artefact of another release, another model on the channel, and a channel that leaves its folder', async () => {
  await accept('v1.0.0')
  const input = {
    channel: 'production',
    base: 'main',
    manifest: manifestOf('v1.1.0'),
    artifact: hash('x'),
    summary: '',
  }
  await expect(promote(world.ports, input)).rejects.toThrow(/has no artefact/)
  const manifest = manifestOf('v1.1.0')
  const other = { ...manifest, body: { ...manifest.body, model: 'other' } }
  await expect(promote(world.ports, { ...input, manifest: other, artifact: hash('v1.1.0') })).rejects.toThrow(
    /serves worksite/,
  )
  await expect(promote(world.ports, { ...input, channel: '../../etc', artifact: hash('v1.1.0') })).rejects.toThrow(
    UsageError,
  )
  await expect(rollBack(world.ports, { channel: 'staging', base: 'main', reason: '', atOnce: true })).rejects.toThrow(
    /no channel/,
  )
})

test('gives a stage once a commit, and counts up', async () => {
  const about = { model: 'worksite', version: 'v1.0.0', message: 'all traffic', fallback: 'main', date }
  const stage = { ...about, stage: 'production' }
  expect(await tagStage(world.git, stage)).toBe('worksite#production#1')
  expect(await tagStage(world.git, stage)).toBe('worksite#production#1')
  expect(await tagStage(world.git, { ...about, stage: 'staging' })).toBe('worksite#staging#2')
  expect(await tagStage(world.git, stage)).toBe('worksite#production#1')
  await accept('v1.0.0')
  expect(await tagStage(world.git, stage)).toBe('worksite#production#3')
})

/** A rollout's state in which `version` challenges v1.0.0. */
const rollout = (version: string) =>
  startRollout({
    channel: 'production',
    champion: { version: 'v1.0.0', artifact: hash('v1.0.0') },
    challenger: { version, artifact: hash(version) },
    expected: null,
  })

test('a rollout that ends in a rollback puts the channel back and keeps its record in the same commit, once', async () => {
  for (const version of ['v1.0.0', 'v1.1.0']) await accept(version)
  const state = rollout('v1.1.0')
  const end = { base: 'main', effect: { id: 'e', type: 'rollback' as const, weight: 0, reason: 'harm' }, state, date }
  const { commit } = await settleRollout(world.ports, end)
  expect(await world.git.changedFiles(`${commit}~1`, commit as string)).toEqual([
    'channels/production.yaml',
    'channels/rollouts/production-v1.1.0.json',
  ])
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ version: 'v1.0.0' })
  expect(await settleRollout(world.ports, end)).toMatchObject({ changed: false, commit: null })
})

test('a rollout that ends in a promotion tags the stage, once', async () => {
  for (const version of ['v1.0.0', 'v1.1.0']) await accept(version)
  const state = rollout('v1.1.0')
  const end = {
    base: 'main',
    effect: { id: 'e', type: 'promote' as const, weight: 1, reason: 'every measure' },
    state,
    date,
  }
  await settleRollout(world.ports, end)
  await settleRollout(world.ports, end)
  expect((await world.git.tags('worksite#*')).map(({ name }) => name)).toEqual(['worksite#production#1'])
  expect(await readChannel(world.git, 'main', 'production')).toMatchObject({ version: 'v1.1.0' })
})

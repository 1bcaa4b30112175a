import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentId } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { releaseManifest, rolloutState } from '../../src/core/documents/release.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { manifestPath, wasRolledBack } from '../../src/core/rollout/channels.ts'
import { type Change, promote, readChannel, rollBack } from '../../src/steps/promote.ts'
import { buildManifest } from '../../src/steps/release.ts'
import { hash, manifestOf, releaseInput, releaseWorld } from './release-world.ts'

let world: Awaited<ReturnType<typeof releaseWorld>>
let start = ''
const ports = () => ({ ...world.ports, forge: null })
const promotion =
  (version: string, channel = 'production') =>
  () =>
    promote(ports(), { channel, base: 'main', manifest: manifestOf(version), artifact: hash(version), summary: '' })
const rollback = () => rollBack(ports(), { channel: 'production', base: 'main', reason: 'harm', atOnce: false })
const merge = async ({ branch }: Change) => {
  if (branch !== null) await world.git.merge(branch, `Merge ${branch}`)
}

beforeAll(async () => {
  world = await releaseWorld()
  for (const version of ['v1.0.0', 'v1.1.0']) await merge(await promotion(version)())
  start = await world.git.resolve('main')
})
afterAll(() => world?.remove())

/** EvidenceError or an assertion unless every channel names a release that is there, and tells what ran before it. */
async function expectLegal(channels: string[], told: string) {
  for (const name of channels) {
    const channel = await readChannel(world.git, 'main', name)
    if (channel === null) continue
    for (const { version, manifest, artifact } of [channel, ...channel.history]) {
      const path = manifestPath(channel.model, version)
      const document = parseEvidence(
        releaseManifest,
        Buffer.from((await world.git.show('main', path)) ?? '').toString(),
        path,
      )
      expect([told, documentId(document)]).toEqual([told, manifest])
      expect([told, document.body.artifacts.map(({ sha256 }) => sha256)]).toEqual([told, [artifact]])
    }
    const ran = [channel, ...channel.history].map(({ version }) => version)
    expect([told, new Set(ran).size]).toEqual([told, ran.length])
    const present = channel.history.filter(
      ({ version, reason }) => wasRolledBack(reason) && version === channel.version,
    )
    expect([told, present]).toEqual([told, []])
  }
}

type Proposal = { says: string; make: () => Promise<Change> }
const proposals: Proposal[] = [
  { says: 'promote v1.2.0', make: promotion('v1.2.0') },
  { says: 'promote v1.3.0', make: promotion('v1.3.0') },
  { says: 'roll back', make: rollback },
  { says: 'promote v1.2.0 to staging', make: promotion('v1.2.0', 'staging') },
]
// Both are proposed and merged, in every order in which that can be.
const orders = ['aAbB', 'abAB', 'abBA', 'baAB', 'baBA', 'bBaA']
const [second, third, back, staging] = proposals as [Proposal, Proposal, Proposal, Proposal]
const pairs = [
  [second, second],
  [second, third],
  [second, back],
  [back, back],
  [second, staging],
  [back, staging],
] as const
const named = pairs.map((pair) => [pair.map(({ says }) => says).join(' and '), pair] as const)

test.each(named)(
  'at once, in whatever order, these end in a legal state: %s',
  async (_, [a, b]) => {
    for (const order of orders) {
      const told = `${a.says}, ${b.says}: ${order}`
      await world.git.checkout(start)
      await forget()
      await world.git.checkout('main')
      const open = new Map<string, Change>()
      for (const step of order) {
        const { make } = step.toLowerCase() === 'a' ? a : b
        if (step === step.toLowerCase()) {
          // A rollback that came too late has nothing to go back to, and says so.
          const change = await make().catch((error: Error) => {
            if (error instanceof UsageError) return null
            throw error
          })
          if (change) open.set(step, change)
          continue
        }
        const change = open.get(step.toLowerCase())
        if (!change) continue
        try {
          await merge(change)
        } catch (error) {
          // What came first has moved the base: git says so, the change is made again on it, and that merges.
          expect([told, error instanceof ToolError]).toEqual([told, true])
          const again = await make().catch((refused: Error) => {
            if (refused instanceof UsageError) return null
            throw refused
          })
          if (again) await merge(again)
        }
        await expectLegal(['production', 'staging'], told)
      }
      await expectLegal(['production', 'staging'], told)
    }
  },
  240_000,
)

/** Back to the start: main as it was, and no branch of a change. */
async function forget() {
  const git = (...args: string[]) => execa('git', args, { cwd: world.root })
  const { stdout } = await git('for-each-ref', '--format=%(refname)', 'refs/heads')
  for (const ref of stdout.split('\n'))
    await git('update-ref', ...(ref === 'refs/heads/main' ? [ref, start] : ['-d', ref]))
}

test('a release whose rollout did harm before the channel named it is in quarantine too', async () => {
  await world.git.checkout(start)
  await forget()
  await world.git.checkout('main')
  const record = rolloutState.make(
    {},
    {
      ...{ channel: 'production', champion: 'v1.1.0', challenger: 'v1.4.0', phase: 'rolled-back', weight: 0, step: 1 },
      ...{ looks: [], reason: 'it lost boxes', events: [] },
      artifacts: { champion: hash('v1.1.0'), challenger: hash('v1.4.0') },
    },
  )
  const write = async (phase: 'rolled-back' | 'promoted') => {
    const path = 'channels/rollouts/production-v1.4.0.json'
    world.ports.storage.write(`${world.root}/${path}`, JSON.stringify({ ...record, body: { ...record.body, phase } }))
    world.ports.storage.write(
      `${world.root}/${manifestPath('worksite', 'v1.4.0')}`,
      JSON.stringify(manifestOf('v1.4.0')),
    )
    await world.git.commit(phase, ['channels'])
  }
  await write('rolled-back')
  await expect(promotion('v1.4.0')()).rejects.toThrow(/was rolled back as v1.4.0: this is the same release/)
  const again = (version: string, kind: string | null) => {
    const artifacts = [{ format: 'onnx', path: 'model.onnx', sha256: hash('v1.4.0'), bytes: 4, state: 'gated' }]
    const document = { kind: kind ?? '', version: 1, subject: {}, body: { version } }
    const evidence = kind === null ? [] : [{ document, path: 'x.json' }]
    const manifest = buildManifest(releaseInput('pass', { version, artifacts, evidence }))
    return promote(ports(), { channel: 'production', base: 'main', manifest, artifact: hash('v1.4.0'), summary: '' })
  }
  await expect(again('v1.5.0', null)).rejects.toThrow(/names no evidence that it did not have/)
  await expect(again('v1.5.0', 'TrainRun')).rejects.toThrow(/names no evidence that it did not have/)
  expect(await again('v1.5.0', 'Evaluation')).toMatchObject({ changed: true })
  // Another channel's rollout says nothing here, and one that ended well neither.
  expect(await promotion('v1.4.0', 'staging')()).toMatchObject({ changed: true })
  await write('promoted')
  expect(await promotion('v1.4.0')()).toMatchObject({ changed: true })
})

import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { documentId } from '../../src/core/documents/define.ts'
import {
  compareVersions,
  manifestIdOf,
  nextStageTag,
  parseGtoTag,
  versionTag,
} from '../../src/core/documents/gto-tags.ts'
import { parseEvidence, problemsOf } from '../../src/core/documents/parse.ts'
import { releaseManifest } from '../../src/core/documents/release.ts'
import { EvidenceError, UsageError } from '../../src/core/errors.ts'
import { makeRelease } from '../../src/steps/release.ts'
import { hash, releaseInput, releaseWorld } from './release-world.ts'

let world: Awaited<ReturnType<typeof releaseWorld>>
beforeAll(async () => {
  world = await releaseWorld()
})
afterAll(() => world?.remove())

test('tags a release with an annotated tag whose message names the manifest, once', async () => {
  const release = await makeRelease(world.git, releaseInput())
  expect(release).toMatchObject({ tag: 'worksite@v1.0.0', created: true })
  expect(problemsOf(releaseManifest, release.manifest.body)).toEqual([])
  const kind = await execa('git', ['cat-file', '-t', 'worksite@v1.0.0'], { cwd: world.root })
  expect(kind.stdout).toBe('tag')
  const [tag] = await world.git.tags('worksite@*')
  expect(manifestIdOf(tag?.message ?? '')).toBe(release.id)
  // Through a file and back the manifest keeps its identity.
  expect(documentId(parseEvidence(releaseManifest, JSON.stringify(release.manifest), 'm.json'))).toBe(release.id)
  expect(await makeRelease(world.git, releaseInput())).toMatchObject({ created: false, id: release.id })
})

test.each(['inconclusive', 'fail'] as const)(
  'refuses to release on a verdict that is %s, and leaves no tag',
  async (word) => {
    const attempt = makeRelease(world.git, releaseInput(word, { version: 'v9.0.0' }))
    await expect(attempt).rejects.toThrow(EvidenceError)
    await expect(attempt).rejects.toThrow(`the verdict is ${word}`)
    await expect(attempt).rejects.toMatchObject({
      mend: word === 'fail' ? expect.stringMatching(/never accepted/) : '40 more scenes',
    })
    expect(await world.git.tags('worksite@v9*')).toEqual([])
  },
)

test('refuses a verdict about another model, about none, and a release without an artefact', async () => {
  const other = releaseInput('pass', { version: 'v9.0.0', tensors: hash('others') })
  await expect(makeRelease(world.git, other)).rejects.toMatchObject({ reason: 'other-subject' })
  const about = releaseInput('pass', { version: 'v9.0.0' })
  const nothing = { ...about, verdict: { ...about.verdict, subject: {} } }
  await expect(makeRelease(world.git, nothing)).rejects.toThrow(/about no model/)
  await expect(makeRelease(world.git, { ...about, artifacts: [] })).rejects.toThrow(UsageError)
  const artefact = { ...about, verdict: { ...about.verdict, subject: { artifact: hash('elsewhere') } } }
  await expect(makeRelease(world.git, artefact)).rejects.toMatchObject({ reason: 'other-subject' })
})

test('never moves a tag, and takes only a higher version', async () => {
  await makeRelease(world.git, releaseInput())
  const changed = releaseInput('pass', { classes: ['person'] })
  await expect(makeRelease(world.git, changed)).rejects.toThrow(/names another release/)
  await expect(makeRelease(world.git, releaseInput('pass', { version: 'v0.9.0' }))).rejects.toThrow(
    /does not come after v1.0.0/,
  )
  await expect(makeRelease(world.git, releaseInput('pass', { version: 'v1.0.0-rc.1' }))).rejects.toThrow(UsageError)
  expect(await makeRelease(world.git, releaseInput('pass', { version: 'v1.1.0' }))).toMatchObject({ created: true })
})

test.each(['1.0', 'v01.2.3', 'v1.2.3-', 'v1.2', 'v1.2.3 ', 'v1.2.3..', '', 'v1.2.3!'])(
  'refuses %j as a version',
  (version) => {
    expect(() => versionTag('worksite', version)).toThrow(UsageError)
  },
)

test.each(['-x', 'HEAD ', 'mоdel', 'a..b', 'a//b', 'a~b', 'a/', 'a.lock/b=c', ''])('refuses %j as a model', (model) => {
  expect(() => versionTag(model, 'v1.0.0')).toThrow(UsageError)
})

test('every tag that is built is one that git takes', async () => {
  const tags = [
    versionTag('a', 'v1.0.0'),
    versionTag('models/a=det', 'v1.0.0-rc.1+b.2'),
    nextStageTag('det', 'prod', []),
  ]
  for (const tag of tags) await execa('git', ['check-ref-format', `refs/tags/${tag}`])
})

test('reads the grammar of GTO: versions, stages, counters, what was taken away', () => {
  expect(parseGtoTag('det@v1.2.3')).toEqual({ kind: 'version', model: 'det', version: 'v1.2.3', removed: false })
  expect(parseGtoTag('det@v1.2.3!')).toMatchObject({ removed: true })
  expect(parseGtoTag('models/a=det#prod#4')).toEqual({
    kind: 'stage',
    model: 'models/a=det',
    stage: 'prod',
    counter: 4,
    removed: false,
  })
  expect(parseGtoTag('det#prod!#5')).toMatchObject({ stage: 'prod', removed: true, counter: 5 })
  expect(parseGtoTag('det#prod')).toMatchObject({ counter: null })
  expect(parseGtoTag('v1.0.0')).toBeNull()
  expect(nextStageTag('det', 'prod', ['det#dev#7', 'det#prod#2', 'other#prod#9', 'det@v1.0.0'])).toBe('det#prod#8')
})

test('orders versions as Semantic Versioning 2.0 does in its own example', () => {
  const ordered =
    'v1.0.0-alpha v1.0.0-alpha.1 v1.0.0-alpha.beta v1.0.0-beta v1.0.0-beta.2 v1.0.0-beta.11 v1.0.0-rc.1 v1.0.0 v1.9.0 v1.10.0 v2.0.0'
  expect(ordered.split(' ').reverse().sort(compareVersions).join(' ')).toBe(ordered)
  expect(compareVersions('v1.0.0+a', 'v1.0.0+b')).toBe(0)
})

test('refuses a release that is served otherwise than it was judged, or that was judged without saying how', async () => {
  const { serving, verdict } = releaseInput()
  for (const change of [
    { channels: 'BGR' },
    { confidence: 0.5 },
    { iou: 0.5 },
    { padding: 0 },
    { scale: 1 },
  ] as const) {
    const other = releaseInput('pass', { version: 'v9.0.0', serving: { ...serving, ...change } })
    await expect(makeRelease(world.git, other)).rejects.toMatchObject({ reason: 'other-subject' })
  }
  const { serving: _, ...silent } = verdict.subject
  const untold = releaseInput('pass', { version: 'v9.0.0', verdict: { ...verdict, subject: silent } })
  await expect(makeRelease(world.git, untold)).rejects.toMatchObject({ reason: 'absent' })
  expect(await world.git.tags('worksite@v9*')).toEqual([])
})

test('a serving that was released over the verdict is named in the manifest and in the tag, with its reason', async () => {
  const { serving, verdict } = releaseInput()
  const bgr = { ...serving, channels: 'BGR' } as const
  const input = releaseInput('pass', { version: 'v9.1.0', serving: bgr, overrideServing: 'the camera sends BGR' })
  const { manifest } = await makeRelease(world.git, input)
  expect(problemsOf(releaseManifest, manifest.body)).toEqual([])
  expect(manifest.body.overrides).toEqual([
    { what: 'serving', judged: verdict.subject.serving, reason: 'the camera sends BGR' },
  ])
  expect(manifest.subject.serving).toBe(servingDigest(bgr))
  const [tag] = await world.git.tags('worksite@v9.1.0')
  expect(tag?.message).toContain('Not judged with this serving; overridden: the camera sends BGR')
  expect(manifestIdOf(tag?.message ?? '')).toBe(documentId(manifest))
  await expect(makeRelease(world.git, { ...input, version: 'v9.2.0', overrideServing: ' ' })).rejects.toThrow(
    /is about serving/,
  )
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { keepRelease } from '../../src/adapters/keep-release.ts'
import { type LocalForge, startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { readBuilt, readModelArchive, writeFiles } from '../../src/adapters/release-archive.ts'
import { home } from '../../src/adapters/tools.ts'
import { committedDigests } from '../../src/adapters/training-digests.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { documentId } from '../../src/core/documents/define.ts'
import { type PreparedRelease, prepareRelease } from '../../src/journeys/prepare-release.ts'
import { proposePromotion } from '../../src/journeys/propose-promotion.ts'
import { publishRelease } from '../../src/journeys/publish-release.ts'
import type { Forge, Git } from '../../src/ports.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { releaseFiles, tagBuilt } from '../../src/steps/release.ts'
import { addPicture, beginWith, trainedRun } from '../actions/release-world.ts'
import { tinyWorld } from '../adapters/tiny-world.ts'
import { watchForge } from '../github-description/watch-forge.ts'

const watch = watchForge()
let folder = ''
let detectors: Awaited<ReturnType<typeof tinyWorld>>
let server: LocalForge
let git: Git
let forge: Forge
let head = ''
let base = ''
let run = 0
const about = { repository: 'acme/data', defaultBranch: 'main' }
const bytesOf = (text: string) => new TextEncoder().encode(text)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-prepare-'))
  const repository = join(folder, 'data')
  mkdirSync(repository)
  detectors = await tinyWorld()
  git = createGit(repository, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), content)
  }
  await git.init('main')
  await beginWith(detectors.folder)({ folder, repository, git, write, image: async () => {} })
  server = await startLocalForge({
    watch,
    ...{ root: repository, stateFile: join(folder, 'forge.json'), repository: 'acme/data' },
    logins: { app: 'sluice-app[bot]' },
  })
  forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'app', pauseMs: 5 })
  base = await git.resolve('main')
  for (const name of ['more', 'other']) {
    await git.branch(name, 'main')
    await git.checkout(name)
    await addPicture(write, `train/${name}`)
    const sha = (await git.commit(name, ['.'])) as string
    if (name === 'more') head = sha
    await git.checkout('main')
    await forge.openPullRequest({ title: name, body: '', head: name, base: 'main' })
  }
  const detector = (name: string) => join(detectors.folder, `${name}.onnx`)
  const arms = { candidate: detector('eager'), control: detector('slow') }
  run = await trainedRun({ git, folder, runs: server.runs }, { number: 1, head, ...arms })
  await forge.merge(1, 'Merge more')
}, 240_000)
afterAll(async () => {
  await server?.close()
  detectors?.remove()
  rmSync(folder, { recursive: true, force: true })
  watch.verify()
})

const prepare = async (of = run, version = 'v1.1.0') =>
  prepareRelease(
    {
      ...{ forge, git, readArchive: readEvidenceArchive, readModel: readModelArchive },
      digests: (commit) => committedDigests(git.root, { head: commit, path: 'data/site', trust: commit }),
    },
    { ...about, model: 'site', version, run: of, head: await git.resolve('main'), channel: 'production' },
  )

type Files = Map<string, Uint8Array>
/** The same run once more, with something else in its place; its evidence and its model as an edit leaves them. */
async function otherRun(change: object, edit: (evidence: Files, model: Files) => void = () => {}): Promise<number> {
  const made = server.runs.start({
    ...{ attempt: 1, workflow: 'train.yml', name: 'Train', title: `Train #1 at ${head}`, event: 'workflow_dispatch' },
    ...{ actor: 'alice', headSha: base, headBranch: 'main', headRepository: 'acme/data', ...change },
  })
  const taken = async (name: string) => readModelArchive((await forge.artifact(run, name, 2 ** 30)) as Uint8Array)
  const [evidence, model] = [await taken('sluice-evidence'), await taken('sluice-candidate')]
  edit(evidence, model)
  const zip = (files: Files) => writeZip([...files].map(([path, bytes]) => ({ path, bytes })))
  server.runs.keepArtifact(made.id, 'sluice-evidence', zip(evidence))
  server.runs.keepArtifact(made.id, 'sluice-candidate', zip(model))
  server.runs.end(made.id, 'conclusion' in change ? String(change.conclusion) : 'success')
  return made.id
}
const replaced = (files: Files, name: string, from: string | RegExp, to: string) =>
  files.set(name, bytesOf(new TextDecoder().decode(files.get(name)).replace(from, to)))

test('a run becomes manifest, bundle and artefacts for the merge of its proposal, the same each time', async () => {
  const made = await prepare()
  const merge = (await forge.pullRequest(1)).mergeCommit
  expect(made.commit).toBe(merge)
  const { dataset, artifacts, classes, expected, verdict } = made.manifest.body
  expect(dataset.commit).toBe(merge)
  expect(artifacts.map(({ format, path, state }) => [format, path, state])).toEqual([
    ['onnx', 'last.onnx', 'gated'],
    ['pytorch', 'last.pt', 'trained'],
  ])
  // Not for serving, and no artefact of the release: only to be run again.
  expect(made.files.has('control-0.onnx')).toBe(true)
  expect([classes, verdict]).toEqual([['red', 'blue'], 'pass'])
  // The candidate sees all that the champion sees: a rollout may expect that nothing is lost.
  expect(expected).toMatchObject({ images: 6, lost: 0 })
  const bundle = readBundle(made.files.get(releaseFiles.bundle) as Uint8Array, 'bundle')
  expect(documentId(bundle.manifest)).toBe(documentId(made.manifest))
  expect([...(await prepare()).files]).toEqual([...made.files])
})

test.each<[string, object, RegExp]>([
  ['another workflow', { workflow: 'ci.yml' }, /is no run of Train as main has it/],
  ['a branch’s own', { headBranch: 'topic' }, /is no run of Train as main has it/],
  ['a fork’s', { headRepository: 'mallory/data' }, /is no run of Train as main has it/],
  ['a pull request’s event', { event: 'pull_request' }, /is no run of Train as main has it/],
  ['one that failed', { conclusion: 'failure' }, /ended as failure/],
  [
    'one for an open proposal',
    { title: `Train #2 at ${'a'.repeat(40)}` },
    /#2 is not merged into main at aaaaaaaaaaaa/,
  ],
  ['one for an earlier commit of it', { title: `Train #1 at ${'a'.repeat(40)}` }, /#1 is not merged into main at/],
  ['one without a proposal', { title: 'Train' }, /does not say which proposal/],
])('a run is refused: %s', async (_, change, says) => {
  await expect(prepare(await otherRun(change))).rejects.toThrow(says)
})

test.each<[string, (evidence: Files, model: Files) => void, RegExp]>([
  [
    'another artefact',
    (_, model) => model.set('last.onnx', bytesOf('x')),
    /last\.onnx is not the file that was judged/,
  ],
  ['other weights', (_, model) => model.set('last.pt', bytesOf('x')), /last\.pt is not the file that was judged/],
  ['no control arm', (_, model) => model.delete('control-0.onnx'), /kept no artefact \w{12}, whose boxes no-harm read/],
  ['another control arm', (_, model) => model.set('control-0.onnx', bytesOf('x')), /kept no artefact \w{12}/],
  [
    'other predictions',
    (_, model) => replaced(model, 'predictions-champion.json', /\d/, '7'),
    /predictions of evaluation-champion\.json are not beside it/,
  ],
  [
    'another policy',
    (_, model) => replaced(model, 'judging.json', 'atLeast: 0.3', 'atLeast: 0.1'),
    /was not reached by/,
  ],
  [
    'an acceptance of its own',
    (_, model) =>
      replaced(
        model,
        'judging.json',
        '"accepted": []',
        `"accepted": [{ "verdict": "${'a'.repeat(64)}", "reason": "why", "owner": "eve", "expires": "2030-01-01" }]`,
      ),
    /nobody accepted verdict aaaaaaaaaaaa/,
  ],
  [
    'a verdict by hand',
    (evidence) => replaced(evidence, 'verdict.json', /"observed": [\d.]+/, '"observed": 0.99'),
    /judging|verdict/,
  ],
  ['no verdict', (evidence) => evidence.delete('verdict.json'), /holds no verdict that passes/],
  ['a commit of its own', (evidence) => replaced(evidence, 'run.json', head, 'a'.repeat(40)), /holds no verdict/],
])('what a run left is refused with %s', async (_, edit, says) => {
  await expect(prepare(await otherRun({}, edit))).rejects.toThrow(says)
})

test('a run of a tag that is called main is refused: its commit is none that main was at, merged or not', async () => {
  await expect(prepare(await otherRun({ headSha: head }))).rejects.toThrow(/is no commit that main was at/)
})

test('what was merged must be the data that was judged: another proposal in between makes it other data', async () => {
  await forge.merge(2, 'Merge other')
  const other = (await forge.pullRequest(2)).head.sha
  const judged = await otherRun({ title: `Train #2 at ${other}` }, (evidence) =>
    replaced(evidence, 'run.json', head, other),
  )
  await expect(prepare(judged)).rejects.toThrow(/is about other data than the commit has \(labels\)/)
})

/** A run of Release that kept these files under this tag. */
function builtBy({ files }: PreparedRelease, tag: string, change: object = {}) {
  const made = server.runs.start({
    ...{ attempt: 1, workflow: 'release.yml', name: 'Release', title: `Release ${tag}`, event: 'workflow_dispatch' },
    ...{ actor: 'carol', headSha: base, headBranch: 'main', headRepository: 'acme/data', ...change },
  })
  server.runs.keepArtifact(made.id, 'release', writeZip([...files].map(([path, bytes]) => ({ path, bytes }))))
}
const publish = (tag: string) =>
  publishRelease({ forge, git, readModel: readModelArchive }, { ...about, base: 'main', tag })
const tagIt = ({ manifest }: PreparedRelease) => tagBuilt({ git, forge }, { manifest, reason: 'it passed' })

test('a tag publishes what our own run built for it, once; one that was made by hand publishes nothing', async () => {
  const made = await prepare()
  const { tag } = await tagIt(made)
  await expect(publish(tag)).rejects.toThrow(/no run of Release on main kept what site@v1.1.0 names/)
  builtBy(made, tag, { headBranch: 'topic' })
  builtBy(made, tag, { headSha: head })
  builtBy(await prepare(run, 'v1.2.0'), tag)
  await expect(publish(tag)).rejects.toThrow(/no run of Release on main kept/)
  builtBy(made, tag)
  const { url } = await publish(tag)
  const changes = server.requests.filter((line) => !line.startsWith('GET')).length
  expect((await publish(tag)).url).toBe(url)
  expect(server.requests.filter((line) => !line.startsWith('GET')).length).toBe(changes)

  const named = `sluice-manifest: ${documentId(made.manifest)}`
  await git.tag('site@v1.9.0', head, named, '2026-11-22T10:00:00Z')
  await expect(publish('site@v1.9.0')).rejects.toThrow(/is on no commit that main was at/)
  await git.tag('site@v2.0.0', 'main', 'by hand', '2026-11-22T10:00:00Z')
  await expect(publish('site@v2.0.0')).rejects.toThrow(/names no manifest/)
  await expect(publish('site@latest')).rejects.toThrow(/is no release tag/)
})

test('the promotion that follows is what sluice promote writes, and verification finds that all of it holds', async () => {
  const made = await prepare(run, 'v2.0.1')
  await tagIt(made)
  const built = writeFiles(join(folder, 'built'), made.files)
  const { manifest, digest: bundle, reason } = readBuilt(built)
  const clone = join(folder, 'job')
  await execa('git', ['clone', '--quiet', git.root, clone])
  const propose = () =>
    proposePromotion(
      { forge, git: createGit(clone), keep: (release) => keepRelease(clone, release, built) },
      { channel: 'production', defaultBranch: 'main', base: 'origin/main', manifest, bundle, reason },
    )
  const pull = await propose()
  expect(pull?.body).toContain(bundle)
  expect((await propose())?.number).toBe(pull?.number)
  const args = [
    'promote',
    'production',
    '--verify',
    '--data',
    'data/site',
    '--base',
    'main',
    '--head',
    pull?.head.sha ?? '',
  ]
  const { exitCode, stdout } = await execa(process.execPath, [join(home, 'bin/sluice.mjs'), ...args], {
    cwd: git.root,
    reject: false,
  })
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/✓ .*bundle/)])
  const told = stdout.split('\n').filter((line) => /inference|numbers that/.test(line))
  expect(told.map((line) => line.replace(/ [0-9a-f]{12}: .*/, '')).sort()).toEqual([
    '✓ inference: candidate',
    '✓ inference: champion',
    '✓ inference: control',
    '✓ numbers that gates read: inferred again here: minimum, no-regression, no-harm',
  ])
}, 120_000)

test('a file that was changed after it was built is not published', async () => {
  const made = await prepare(run, 'v2.1.0')
  const { tag } = await tagIt(made)
  builtBy({ ...made, files: new Map([...made.files, ['last.onnx', bytesOf('x')]]) }, tag)
  await expect(publish(tag)).rejects.toThrow(/last\.onnx is not the artefact that the manifest names/)
})

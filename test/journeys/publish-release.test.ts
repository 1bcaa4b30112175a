import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { keepRelease } from '../../src/adapters/keep-release.ts'
import { readBuilt, readModelArchive, writeFiles } from '../../src/adapters/release-archive.ts'
import { home } from '../../src/adapters/tools.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { documentId, sha256 } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { verdict as verdictKind } from '../../src/core/documents/verdict.ts'
import { acceptancePath, acceptanceText } from '../../src/core/judge/acceptance.ts'
import type { PreparedRelease } from '../../src/journeys/prepare-release.ts'
import { proposePromotion } from '../../src/journeys/propose-promotion.ts'
import { publishRelease } from '../../src/journeys/publish-release.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { releaseFiles, tagBuilt } from '../../src/steps/release.ts'
import { replay } from '../../src/steps/replay.ts'
import { about, bytesOf, prepareWorld } from './prepare-world.ts'

const world = await prepareWorld({ held: true })
const { folder, git, server, forge, base, head, run, held, prepare, otherRun } = world
afterAll(() => world.stop())

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
const closePull = async (number: number) => {
  const init = { method: 'PATCH', headers: { authorization: 'token app' }, body: JSON.stringify({ state: 'closed' }) }
  expect((await fetch(`${server.url}/repos/acme/data/pulls/${number}`, init)).status).toBe(200)
}
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

/** Its promotion, proposed as the job does it, and what verification says of it. */
async function verifiedProposal(
  made: PreparedRelease,
  name: string,
): Promise<[exitCode: number | undefined, told: string]> {
  await tagIt(made)
  const built = writeFiles(join(folder, `built-${name}`), made.files)
  const { manifest, digest: bundle, reason } = readBuilt(built)
  const clone = join(folder, `job-${name}`)
  await execa('git', ['clone', '--quiet', git.root, clone])
  const propose = () =>
    proposePromotion(
      { forge, git: createGit(clone), keep: (release) => keepRelease(clone, release, built) },
      { channel: 'production', defaultBranch: 'main', base: 'origin/main', manifest, bundle, reason },
    )
  const pull = await propose()
  expect(pull?.body).toContain(bundle)
  expect((await propose())?.number).toBe(pull?.number)
  const args = 'promote production --verify --data data/site --base main --head'.split(' ')
  const { exitCode, stdout } = await execa(
    process.execPath,
    [join(home, 'bin/sluice.mjs'), ...args, pull?.head.sha ?? ''],
    { cwd: git.root, reject: false },
  )
  return [exitCode, stdout]
}

test('the promotion that follows is what sluice promote writes, and verification finds that all of it holds', async () => {
  const [exitCode, stdout] = await verifiedProposal(await prepare(run, 'v2.0.1'), 'sound')
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/✓ .*bundle/)])
  const told = stdout.split('\n').filter((line) => /inference|numbers that/.test(line))
  expect(told.map((line) => line.replace(/ [0-9a-f]{12}: .*/, '')).sort()).toEqual([
    '✓ inference: candidate',
    '✓ inference: champion',
    '✓ inference: control',
    '✓ numbers that gates read: inferred again here: minimum, no-regression, no-harm',
  ])
}, 120_000)

test('a held run is released once its verdict is accepted on main, and says who answers for it until when', async () => {
  const zip = (await forge.artifact(held, 'sluice-evidence', 2 ** 30)) as Uint8Array
  const text = new TextDecoder().decode(readEvidenceArchive(zip).get('verdict.json'))
  const id = documentId(parseEvidence(verdictKind, text, 'verdict.json'))
  await expect(prepare(held, 'v3.0.0')).rejects.toThrow(/is held: no-harm is open/)
  const entry = { verdict: id, reason: 'no control, looked at by hand', owner: 'ada' }
  const accept = async (expires: string, of = id) => {
    const file = join(git.root, acceptancePath(of))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, acceptanceText({ ...entry, verdict: of, expires }))
    await git.commit(`Accept until ${expires}`, ['gates/acceptances'])
  }
  await accept('2026-11-21')
  await expect(prepare(held, 'v3.0.0')).rejects.toThrow(/is held/)
  await accept('2036-12-22')
  const made = await prepare(held, 'v3.0.0')
  const bundle = readBundle(made.files.get(releaseFiles.bundle) as Uint8Array, 'bundle')
  expect(bundle.verdict.body).toMatchObject({
    verdict: 'pass',
    reason: 'Accepted by ada until 2036-12-22 with 1 open line: no control, looked at by hand.',
  })
  expect(bundle.judging.body.accepted).toEqual([{ ...entry, expires: '2036-12-22' }])
  expect(replay(bundle).filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  expect([...(await prepare(held, 'v3.0.0')).files]).toEqual([...made.files])
  await expect(prepare(held, 'v3.0.0', '2036-12-23')).rejects.toThrow(/is held/)
  expect(await verifiedProposal(made, 'held')).toEqual([
    0,
    expect.stringContaining(
      '✓ the gates of the base pass it: gates/model.yaml says pass: Accepted by ada until 2036-12-22',
    ),
  ])
  // One that failed in something else says pass of itself, and is accepted by nobody.
  await accept('2036-12-22', 'a'.repeat(64))
  await expect(prepare(await otherRun({ conclusion: 'failure' }))).rejects.toThrow(/ended as failure/)
}, 120_000)

test('a file that was changed after it was built is not published', async () => {
  const made = await prepare(run, 'v4.0.0')
  const { tag } = await tagIt(made)
  builtBy({ ...made, files: new Map([...made.files, ['last.onnx', bytesOf('x')]]) }, tag)
  await expect(publish(tag)).rejects.toThrow(/last\.onnx is not the artefact that the manifest names/)
})

test('a release is proposed once, whatever main does: an open proposal is found, one that was merged is not made again', async () => {
  let clones = 0
  const propose = async ({ files, manifest }: PreparedRelease) => {
    const clone = join(folder, `again-${clones++}`)
    await execa('git', ['clone', '--quiet', git.root, clone])
    const bundle = sha256(files.get(releaseFiles.bundle) as Uint8Array)
    const about = { channel: 'production', defaultBranch: 'main', base: 'origin/main', reason: 'it passed' }
    const pull = await proposePromotion(
      { forge, git: createGit(clone), keep: async () => null },
      { ...about, manifest, bundle },
    )
    return pull && { number: pull.number, state: pull.state }
  }
  const [mine, theirs] = [await prepare(run, 'v2.1.0'), await prepare(run, 'v2.2.0')]
  const [first, other] = [await propose(mine), await propose(theirs)]
  expect([first?.state, other?.state]).toEqual(['open', 'open'])
  // Main moves under it: what it would be made of now is another content.
  await forge.merge(other?.number as number, 'Merge theirs')
  expect(await propose(mine)).toEqual(first)
  // Closed by somebody, it is made on main as it is.
  await closePull(first?.number as number)
  const second = await propose(mine)
  expect([second?.state, second?.number === first?.number]).toEqual(['open', false])
  expect(await propose(mine)).toEqual(second)
  await forge.merge(second?.number as number, 'Merge mine')
  // Both went through, and the one that was replaced does not come back by itself.
  expect([await propose(mine), await propose(theirs)]).toEqual([null, null])
}, 120_000)

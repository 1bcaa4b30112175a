import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { promotionCheck } from '../../src/core/documents/promotion.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { rollBack } from '../../src/steps/promote.ts'
import { replay } from '../../src/steps/replay.ts'
import { runAction } from '../actions/run-action.ts'
import { policyYaml, promotionWorld } from './promotion-world.ts'

type World = Awaited<ReturnType<typeof promotionWorld>>
let world: World
let good: Awaited<ReturnType<World['evaluate']>>
let blind = ''
let middling = ''
let release: Awaited<ReturnType<World['release']>>
let head = ''
const sluice = (line: string, ...more: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), ...line.split(' '), ...more], {
    reject: false,
    cwd: world.root,
  })

beforeAll(async () => {
  world = await promotionWorld()
  good = await world.evaluate('v1.0.0', world.model)
  blind = await world.weaker(-30)
  middling = await world.weaker(-17)
  release = await world.release('v1.0.0', good, null, { byDvc: true })
  head = await world.propose(release)
})
afterAll(() => world?.remove())

test('a promotion is worked out again from git, DVC and the artefact, a line a claim, and leaves evidence', async () => {
  const done = await sluice(`promote production --verify --data data/cells --head ${head} --json check.json`)
  expect([done.exitCode, done.stderr]).toEqual([0, ''])
  expect(done.stdout.replace(/\b[0-9a-f]{12}\b/g, 'HEX')).toMatchInlineSnapshot(`
    "✓ the channel is one: cells v1.0.0 for production
    ✓ nothing else changes: channels/production.yaml, channels/releases/cells/v1.0.0.json, models/cells/.gitignore, models/cells/v1.0.0.dvc
    ✓ channel and manifest are what sluice promote writes: manifest HEX, on the base as it is now
    ✓ the release was tagged: cells@v1.0.0 names this manifest
    ✓ DVC has the release: 2 files, from the base’s remote
    ✓ the bundle is the one that is named: HEX
    ✓ artefacts have their digests: onnx HEX
    · origin: not looked for: gates/release.yaml of the base requires no attestation
    ✓ its data was merged: commit HEX is in the base’s history
    ✓ its data has the digests: labels HEX, images HEX
    ✓ replay: Evaluation HEX: its numbers follow from its predictions
    · replay: TrainRun HEX: there is nothing in the bundle to compute it from
    ✓ replay: verdict HEX: 1 lines follow from the policy and the evidence: pass
    ✓ it was compared with what runs now: nothing runs there yet
    ✓ the artefact was judged: HEX
    ✓ the gates of the base pass it: gates/model.yaml says pass: minimum passes: map: 1 is at least 0.4.
    ✓ inference: candidate HEX: 6 images, 31 boxes, 0 without partner, mAP 0.9950
    ✓ numbers that gates read: inferred again here: minimum

    production: PASS. 16 checks hold"
  `)
  const { body } = parseEvidence(promotionCheck, readFileSync(join(world.root, 'check.json'), 'utf8'), 'check.json')
  expect(body).toMatchObject({ verdict: 'pass', release: { version: 'v1.0.0', bundle: sha256(release.bundle) } })
})

test('the actions see the channel and leave the evidence; where none changes, and where two do, one of them suffices', async () => {
  const base = await world.git.resolve('main')
  const act = async (name: string, at: string, inputs: Record<string, string>) => {
    const temp = join(world.store, '..', `runner-${name}-${at.slice(0, 8)}`)
    const event = join(world.store, '..', `${at.slice(0, 8)}.json`)
    writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: { sha: at }, base: { sha: base } } }))
    const env = { GITHUB_EVENT_PATH: event, GITHUB_EVENT_NAME: 'pull_request' }
    const given = { path: 'data/cells', folder: '.', head: '', 'pull-request': '', ...inputs }
    const done = await runAction(join(home, `actions/${name}/main.ts`), given, { workspace: world.root, temp, env })
    const run = join(temp, 'sluice/run.json')
    return { ...done, run: existsSync(run) ? parseEvidence(pullRun, readFileSync(run, 'utf8'), run).body : null }
  }
  const proposal = await world.git.resolve(head)
  const seen = await act('changed-channel', proposal, {})
  expect([seen.exitCode, seen.outputs.channel, seen.run]).toEqual([0, 'production', null])
  const { channel = '', base: from = '', head: to = '' } = seen.outputs
  const verified = await act('verify-promotion', proposal, { channel, base: from, head: to, 'pull-request': '7' })
  expect([verified.exitCode, verified.outputs.verdict]).toEqual([0, 'pass'])
  expect(verified.stdout).toContain('✓ inference: candidate')
  expect(verified.run).toMatchObject({ family: 'promotion', pullRequest: 7, headSha: proposal, verdict: 'pass' })
  const other = await act('changed-channel', await world.commitOn('main', { 'more.txt': 'x' }), {})
  expect([other.exitCode, other.outputs.channel, other.run?.verdict]).toEqual([0, '', 'pass'])
  expect(other.run?.reason).toBe('nothing of channels/ changes')
  const two = await act('changed-channel', await world.commitOn(head, { 'channels/staging.yaml': 'x' }), {})
  expect([two.exitCode, two.outputs.channel, two.run?.verdict]).toEqual([1, '', 'fail'])
})

test('what lies uncommitted in the work tree counts for nothing', async () => {
  const files = ['channels/production.yaml', 'gates/model.yaml', 'data/cells/labels/picture0.txt']
  const before = files.map((file) => readOr(file))
  for (const file of files) world.ports.storage.write(join(world.root, file), 'nonsense')
  try {
    expect(await world.verify(head)).toMatchObject({ verdict: 'pass', open: [] })
  } finally {
    for (const [i, file] of files.entries()) {
      if (before[i] === null) rmSync(join(world.root, file))
      else writeFileSync(join(world.root, file), before[i] as string)
    }
  }
})

test('a forged bundle, its predictions invented and every checksum computed again, replays and is refused here', async () => {
  const forged = await world.evaluate('v1.1.0', blind, world.model)
  const made = await world.release('v1.1.0', forged, null)
  writeFileSync(join(world.root, 'forged.bundle'), made.bundle)
  const replayed = await sluice('gate --replay forged.bundle')
  rmSync(join(world.root, 'forged.bundle'))
  expect([replayed.exitCode, replayed.stdout]).toEqual([0, expect.stringContaining('v1.1.0: PASS')])
  expect(await world.verify(await world.propose(made))).toMatchObject({
    verdict: 'fail',
    open: [expect.stringMatching(/^✗ inference: candidate \w+: of 31 boxes the artefact does not find 31/)],
  })
})

test('a box that the artefact does not find is refused, in a set that is otherwise true', async () => {
  const bundle = readBundle(Buffer.from(release.bundle), 'bundle')
  expect(replay(bundle).every(({ verdict }) => verdict === 'pass')).toBe(true)
  const moved = JSON.parse(good.json)
  moved.detections.x[3] += 2
  const json = `${JSON.stringify(moved)}\n`
  const document = world.score(good, json)
  const made = await world.release('v1.2.0', { ...good, json, document }, null)
  expect(await world.verify(await world.propose(made))).toMatchObject({
    open: [expect.stringMatching(/^✗ inference: candidate .* does not find 1, and finds 1 others/)],
  })
  const relabelled = JSON.parse(good.json)
  relabelled.truth.classId[0] = 1 - relabelled.truth.classId[0]
  const text = `${JSON.stringify(relabelled)}\n`
  const labels = await world.release('v1.2.1', { ...good, json: text, document: world.score(good, text) }, null)
  expect(await world.verify(await world.propose(labels))).toMatchObject({
    open: [expect.stringMatching(/^✗ inference: candidate .* the bundle has other ground truth than the data/)],
  })
})

test('a policy loosened for the release does not count: the base’s judges as well', async () => {
  const weak = await world.evaluate('v1.3.0', await world.weaker(-17, -30))
  const made = await world.release('v1.3.0', weak, null, { policy: policyYaml.replace('0.4', '0.1') })
  expect(await world.verify(await world.propose(made))).toMatchObject({
    verdict: 'fail',
    open: [
      expect.stringMatching(
        /^✗ the gates of the base pass it: gates\/model.yaml, other than it was judged by, says fail/,
      ),
    ],
  })
  expect(await world.verify(head, { policy: 'gates/none.yaml' })).toMatchObject({
    verdict: 'inconclusive',
    open: [expect.stringMatching(/the base has no such policy/)],
  })
})

test('other data than the manifest names is refused: a commit that was not merged, labels of another digest', async () => {
  const apart = await world.commitOn('main', { 'data/cells/extra.txt': 'x' })
  const unmerged = await world.release('v1.4.0', good, null, { commit: apart })
  expect(await world.verify(await world.propose(unmerged))).toMatchObject({
    open: [expect.stringMatching(/^✗ its data was merged: commit \w+ is not in the base’s history/)],
  })
  const other = await world.release('v1.5.0', good, null, { labels: sha256('other') })
  expect(await world.verify(await world.propose(other))).toMatchObject({
    open: [expect.stringMatching(/^✗ its data has the digests: labels have/)],
  })
})

test('nothing but channel, manifest and pointer may change, each as sluice promote writes it', async () => {
  const more = await world.commitOn(head, { 'gates/model.yaml': policyYaml.replace('0.4', '0') })
  expect((await world.verify(more)).open).toEqual([
    expect.stringMatching(/^✗ nothing else changes: .*a promotion does not change gates\/model.yaml/),
  ])
  const config = await world.commitOn(head, { '.dvc/config': '[core]\n    remote = evil\n' })
  expect((await world.verify(config)).open).toEqual([expect.stringMatching(/does not change .dvc\/config/)])
  const outside = release.pointer.replace('path: v1.0.0', 'path: ../../.git/hooks')
  const escaped = await world.commitOn(head, { 'models/cells/v1.0.0.dvc': outside })
  expect((await world.verify(escaped)).open).toEqual([expect.stringMatching(/leaves the folder/)])
  const imported = await world.commitOn(head, {
    'models/cells/v1.0.0.dvc': `deps:\n- path: https://evil.example/x\n${release.pointer}`,
  })
  expect((await world.verify(imported)).open).toEqual([expect.stringMatching(/imports from elsewhere/)])
})

test('one flipped byte is refused wherever it is: channel, manifest, pointer, artefact, bundle, as stored or as added again', async () => {
  const texts = ['channels/production.yaml', 'channels/releases/cells/v1.0.0.json', 'models/cells/v1.0.0.dvc']
  for (const path of texts) {
    const whole = (await world.git.show(head, path)) as Uint8Array
    for (const share of [0, 0.35, 0.8]) {
      const flipped = await world.commitOn(head, { [path]: flip(whole, share) })
      expect((await world.verify(flipped)).verdict, `${path} at ${share}`).not.toBe('pass')
    }
  }
  for (const [name, bytes] of Object.entries(release.files)) {
    for (const share of [0, 0.5, 0.99]) {
      const files = { ...release.files, [name]: flip(bytes, share) }
      const again = await world.commitOn(head, { 'models/cells/v1.0.0.dvc': world.keep('v1.0.0', files) })
      const { verdict, open } = await world.verify(again)
      expect([verdict, open.length > 0], `${name} at ${share}`).toEqual(['fail', true])
    }
  }
})

test('a release that was never pushed, or never tagged, is open and not passed', async () => {
  const gone = release.pointer.replace(/md5: .{32}/, `md5: ${'0'.repeat(32)}`)
  const absent = await world.commitOn(head, { 'models/cells/v1.0.0.dvc': gone })
  expect(await world.verify(absent)).toMatchObject({
    verdict: 'inconclusive',
    open: [expect.stringMatching(/^\? DVC has the release: 1 DVC object is missing.*run dvc push/)],
  })
  const git = (...args: string[]) => execa('git', args, { cwd: world.root })
  const { stdout: tag } = await git('rev-parse', 'refs/tags/cells@v1.0.0')
  await git('tag', '--delete', 'cells@v1.0.0')
  try {
    expect(await world.verify(head)).toMatchObject({
      verdict: 'inconclusive',
      open: [expect.stringMatching(/^\? the release was tagged: there is no tag cells@v1.0.0/)],
    })
  } finally {
    await git('update-ref', 'refs/tags/cells@v1.0.0', tag)
  }
})

test('with a champion, its artefact is run too, and what it was made to look like does not count', async () => {
  await world.git.merge(head, 'Promote v1.0.0')
  const sure = await world.evaluate('v2.0.0', await world.weaker(-8.5))
  const next = await world.release('v2.0.0', sure, good)
  const proposal = await world.propose(next)
  const { verdict, lines } = await world.verify(proposal)
  expect([verdict, lines.filter((line) => /inference|runs now/.test(line))]).toEqual([
    'pass',
    [
      expect.stringMatching(/^✓ it was compared with what runs now: v1.0.0 runs now/),
      expect.stringMatching(/^✓ inference: candidate/),
      expect.stringMatching(/^✓ inference: champion/),
    ],
  ])
  const worse = await world.evaluate('v2.1.0', middling)
  const lookedDown = await world.evaluate('v1.0.0', world.model, middling)
  const made = await world.release('v2.1.0', worse, lookedDown)
  expect((await world.verify(await world.propose(made))).open).toEqual([
    expect.stringMatching(/^✗ inference: champion \w+: of \d+ boxes the artefact does not find/),
  ])
  // A first release's own judgement says nothing against a champion that is there.
  const alone = await world.release('v2.2.0', sure, null)
  expect((await world.verify(await world.propose(alone))).open).toEqual([
    expect.stringMatching(/^\? the gates of the base pass it/),
  ])
  // Another promotion went first: this one was compared with what no longer runs.
  await world.git.merge(proposal, 'Promote v2.0.0')
  const late = await world.release('v2.3.0', await world.evaluate('v2.3.0', world.model), good)
  expect((await world.verify(await world.propose(late))).open).toEqual([
    expect.stringMatching(/^✗ it was compared with what runs now: .*another model than v2.0.0/),
  ])
  expect((await world.verify(proposal)).open).toEqual([expect.stringMatching(/runs this already/)])
})

test('a rollback is what sluice promote --rollback writes, and no more', async () => {
  const { branch } = await rollBack(world.ports, {
    ...{ channel: 'production', base: 'main', reason: 'it lost boxes', atOnce: false },
  })
  const back = await world.verify(branch as string)
  expect(back).toMatchObject({ verdict: 'pass', open: [] })
  expect(back.lines.at(-1)).toMatch(/rollback writes: v2.0.0 goes, v1.0.0 was verified when it came/)
  const yaml = new TextDecoder().decode(
    (await world.git.show(branch as string, 'channels/production.yaml')) as Uint8Array,
  )
  const elsewhere = await world.commitOn(branch as string, {
    'channels/production.yaml': yaml.replace(release.artifact, sha256('mine')),
  })
  expect((await world.verify(elsewhere)).verdict).toBe('fail')
  // The revert of a promotion forgets what was left.
  const first = (await world.git.show('main^', 'channels/production.yaml')) as Uint8Array
  expect((await world.verify(await world.commitOn('main', { 'channels/production.yaml': first }))).open).toEqual([
    expect.stringMatching(/^✗ it is what .*forgets v2.0.0, .*; sluice promote production --rollback "why"/),
  ])
})

function flip(bytes: Uint8Array, share: number): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const at = Math.floor((bytes.length - 1) * share)
  flipped[at] = (flipped[at] as number) ^ 1
  return flipped
}

function readOr(file: string): string | null {
  try {
    return readFileSync(join(world.root, file), 'utf8')
  } catch {
    return null
  }
}

import { afterAll, expect, test } from 'vitest'
import { documentId, type Subject } from '../../src/core/documents/define.ts'
import { latency } from '../../src/core/documents/operational.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { verdict as verdictKind } from '../../src/core/documents/verdict.ts'
import { acceptancePath, acceptanceText } from '../../src/core/judge/acceptance.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { gate } from '../../src/steps/gate.ts'
import { releaseFiles } from '../../src/steps/release.ts'
import { compared, drawArms, hosted } from '../core/compare/latency-world.ts'
import { bytesOf, type Files, latencyYaml, prepareWorld } from './prepare-world.ts'

const world = await prepareWorld()
const { forge, head, timedBase, prepare, otherRun } = world
afterAll(() => world.stop())

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

/** What the gate action leaves of a measurement, at this ratio to the champion. */
function timed(evidence: Files, ratio: number, change: Subject = {}, pairs = 10) {
  const { subject } = parseEvidence(verdictKind, new TextDecoder().decode(evidence.get('verdict.json')), 'verdict.json')
  const about = JSON.parse(new TextDecoder().decode(evidence.get('evaluation-champion.json'))) as { subject: Subject }
  const { artifact = '', serving = '' } = about.subject
  const digests = { artifact: subject.artifact as string, champion: artifact, serving, ...change }
  const measured = latency.make(digests, compared(drawArms(seededRandom(1), ratio, pairs, hosted)))
  const policy = { yaml: latencyYaml, file: 'gates/latency.yaml' }
  const verdict = gate({ policy, evidence: [measured], subject: measured.subject, options: { firstRelease: false } })
  evidence.set('latency.json', bytesOf(JSON.stringify(measured)))
  evidence.set('verdict-latency.json', bytesOf(JSON.stringify(verdict)))
  return documentId(verdict)
}

test.each<[string, (evidence: Files) => void, RegExp | null]>([
  ['as fast as the champion', (evidence) => timed(evidence, 1), null],
  ['slower', (evidence) => timed(evidence, 1.3), /gates\/latency.yaml says fail: .*p50/],
  ['not timed', () => {}, /gates\/latency.yaml asks for a measurement, and there is none/],
  [
    'timed as another artefact',
    (evidence) => timed(evidence, 1, { artifact: 'f'.repeat(64) }),
    /another artefact: ffff/,
  ],
  ['timed against another', (evidence) => timed(evidence, 1, { champion: 'f'.repeat(64) }), /another champion: ffff/],
  ['timed as served otherwise', (evidence) => timed(evidence, 1, { serving: 'f'.repeat(64) }), /another serving: ffff/],
])(
  'where the branch asked for latency when the run began, a candidate is released or not: %s',
  async (_, edit, says) => {
    const judged = await otherRun({ headSha: timedBase }, edit)
    if (says) await expect(prepare(judged)).rejects.toThrow(says)
    else expect((await prepare(judged)).manifest.body.evidence.map(({ kind }) => kind)).toContain('Latency')
  },
)

test('where latency alone was held, an acceptance of that verdict releases the very run, whose measurement it is about', async () => {
  let id = ''
  const few = (evidence: Files) => {
    id = timed(evidence, 1, {}, 5)
    replaced(evidence, 'run.json', '"verdict": "pass"', '"verdict": "inconclusive"')
  }
  const held = await otherRun({ headSha: timedBase, conclusion: 'failure' }, few)
  await expect(prepare(held)).rejects.toThrow(/is held: latency is open/)
  const entry = { verdict: id, reason: 'few runs, looked at', owner: 'ada', expires: '2036-12-22' }
  world.write(acceptancePath(id), acceptanceText(entry))
  await world.git.commit('Accept', ['gates/acceptances'])
  const made = await prepare(held)
  const { evidence, verdict } = readBundle(made.files.get(releaseFiles.bundle) as Uint8Array, 'bundle')
  expect(verdict.body.reason).not.toContain('Accepted')
  expect(evidence.find(({ kind }) => kind === 'Verdict')?.body).toMatchObject({
    verdict: 'pass',
    reason: expect.stringContaining('Accepted by ada until 2036-12-22'),
  })
  // One that says that it passed all the same is believed in nothing.
  await expect(prepare(await otherRun({ headSha: timedBase }, (of) => timed(of, 1, {}, 4)))).rejects.toThrow(
    /gates\/latency.yaml says inconclusive/,
  )
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

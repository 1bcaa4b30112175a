import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Document, sha256 } from '../../src/core/documents/define.ts'
import { type LatencyBody, latency } from '../../src/core/documents/operational.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { gate } from '../../src/steps/gate.ts'
import { replay } from '../../src/steps/replay.ts'
import { compared, drawArms, hosted } from '../core/compare/latency-world.ts'
import { policyYaml, promotionWorld } from './promotion-world.ts'

type World = Awaited<ReturnType<typeof promotionWorld>>
type Made = Awaited<ReturnType<World['evaluate']>>
let world: World
let champion: Made
let blind = ''
let middling = ''

/** A repository whose channel runs v2.0.0, a sound detector; what is judged against it is another artefact. */
beforeAll(async () => {
  world = await promotionWorld()
  blind = await world.weaker(-30)
  middling = await world.weaker(-17)
  champion = await world.evaluate('v2.0.0', await world.weaker(-8.5))
  await world.git.merge(await world.propose(await world.release('v2.0.0', champion, null)), 'Promote v2.0.0')
})
afterAll(() => world?.remove())

test('the control arm is run again where a gate reads it: forged or not kept, it carries no release', async () => {
  const policy = `${policyYaml}  - { gate: no-harm, evidence: Comparison, target: control, margin: 0.05, minimumUnits: 3 }\n`
  const base = await world.commitOn('main', { 'gates/strict.yaml': policy })
  await world.git.merge(base, 'A stricter policy')
  const candidate = await world.evaluate('v3.0.0', world.model)
  const strict = { policy: 'gates/strict.yaml' }
  const propose = async (version: string, control: Made, kept: boolean) => {
    const files: Record<string, Uint8Array> = kept ? { 'control-0.onnx': readFileSync(control.artifact) } : {}
    const of = { ...candidate, tensors: sha256(`tensors of ${version}`) }
    const document = { ...of.document, subject: { ...of.document.subject, model: of.tensors } }
    const made = await world.release(version, { ...of, document }, champion, { policy, control, kept: files })
    return world.propose(made)
  }
  const control = await world.evaluate('control', middling)
  const sound = await world.verify(await propose('v3.0.0', control, true), strict)
  expect(sound).toMatchObject({ verdict: 'pass', open: [] })
  expect(sound.lines.filter((line) => /inference: control|numbers that/.test(line))).toEqual([
    expect.stringMatching(/^✓ inference: control \w+: 6 images, \d+ boxes, 0 without partner/),
    '✓ numbers that gates read: inferred again here: minimum, no-regression, no-harm',
  ])

  // The control arm is made to look blind, so that the data seem to have brought everything.
  const forged = await world.evaluate('control', middling, blind)
  expect((await world.verify(await propose('v3.1.0', forged, true), strict)).open).toEqual([
    expect.stringMatching(/^✗ inference: control \w+: of 0 boxes the artefact does not find 0, and finds 20 others/),
  ])
  const hidden = await propose('v3.2.0', forged, false)
  expect(await world.verify(hidden, strict)).toMatchObject({
    verdict: 'inconclusive',
    open: [
      expect.stringMatching(/^\? inference: control \w+: its artefact \w+ is not kept, and no-harm read its boxes/),
    ],
  })
  // Where no gate of the base reads it, it stands for nothing.
  expect((await world.verify(await propose('v3.3.0', forged, false))).lines).toContainEqual(
    expect.stringMatching(/^· inference: control \w+: its artefact is not kept and no gate reads its boxes/),
  )
})

test('a second evaluation of the candidate, without an artefact to hold it against, wins no comparison', async () => {
  const weak = await world.evaluate('v4.0.0', middling)
  const seen = await world.evaluate('v4.0.0', middling, world.model)
  const { artifact: _, ...subject } = seen.document.subject
  const flattering = { ...seen, document: { ...seen.document, subject } }
  const policy = policyYaml.replace('0.4', '0.1')
  const base = await world.commitOn('main', { 'gates/low.yaml': policy })
  await world.git.merge(base, 'A low floor')
  await expect(world.release('v4.0.0', weak, champion, { policy })).rejects.toThrow(/no-regression fails/)
  const made = await world.release('v4.0.0', weak, champion, { policy, flattering })
  expect(replay(readBundle(Buffer.from(made.bundle), 'bundle')).filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  expect(await world.verify(await world.propose(made), { policy: 'gates/low.yaml' })).toMatchObject({
    verdict: 'inconclusive',
    open: [
      expect.stringMatching(
        /^\? inference: another arm \w+: it names no artefact, and minimum, no-regression read its boxes/,
      ),
    ],
  })
})

test('latency is judged again by the base: missing, of something else, slow or made up, it carries no release', async () => {
  const policy = {
    file: 'gates/latency.yaml',
    yaml: `name: latency
gates:
  - { gate: latency, evidence: Latency, measure: ratio-p50, target: simulated, atMost: 1.08, minimumUnits: 10 }
`,
  }
  const base = await world.commitOn('main', { [policy.file]: policy.yaml })
  await world.git.merge(base, 'A policy of latency')
  const candidate = await world.evaluate('v5.0.0', world.model)
  const { artifact = '', serving = '' } = candidate.document.subject
  const timed = { artifact, serving, champion: champion.document.subject.artifact as string }
  const measured = (ratio: number, about: object = {}, edit: (body: LatencyBody) => LatencyBody = (body) => body) =>
    latency.make({ ...timed, ...about }, edit(compared(drawArms(seededRandom(1), ratio, 10, hosted))))
  let version = 0
  const proposed = async (...beside: Document[]) => {
    const name = `v5.${version++}.0`
    const tensors = sha256(`tensors of ${name}`)
    const subject = { ...candidate.document.subject, model: tensors }
    const of = { ...candidate, tensors, document: { ...candidate.document, subject } }
    const promise = world.release(name, of, champion, { beside })
    return world.verify(await world.propose(await promise))
  }
  const judged = (document: Document) =>
    gate({ policy, evidence: [document], subject: document.subject, options: { firstRelease: false } })

  const fast = measured(1)
  const sound = await proposed(fast, judged(fast))
  expect(sound).toMatchObject({ verdict: 'pass', open: [] })
  expect(
    sound.lines.filter((line) => /latency|Latency/.test(line)).map((line) => line.replace(/[0-9a-f]{12}/, 'HEX')),
  ).toEqual([
    '✓ replay: Latency HEX: its ratios and bounds follow from its samples, which are taken as they are said',
    '✓ its latency was measured: 10 runs an arm against v2.0.0',
    expect.stringMatching(/^✓ the base’s policy of latency passes it: gates\/latency.yaml says pass: latency passes: /),
    '· latency: timed on simulated: samples are as the run says, no other machine repeats them',
  ])

  const slow = measured(1.3)
  const open = async (...beside: Document[]) => {
    const { verdict, open: lines } = await proposed(...beside)
    return [
      verdict,
      ...lines.map((line) =>
        line.replace(/^(.) ([^:]*): .*?(policy|verdict|there is none|another \w+|says \w+|no Latency).*/, '$1 $2: $3'),
      ),
    ]
  }
  expect(await open()).toEqual(['inconclusive', '? its latency was measured: there is none'])
  for (const [key, word] of Object.entries({ artifact: 'artefact', champion: 'champion', serving: 'serving' })) {
    const told = await open(measured(1, { [key]: sha256('other') }))
    expect(told).toEqual(['fail', `✗ its latency was measured: another ${word}`])
  }
  expect(await open(measured(1, {}, (body) => ({ ...body, target: 'elsewhere' })))).toEqual([
    'inconclusive',
    expect.stringMatching(/^\? the base’s policy of latency passes it/),
  ])
  expect(await open(slow)).toEqual(['fail', '✗ the base’s policy of latency passes it: says fail'])
  // Its verdict is made to say that of a fast one.
  const claimed = { ...judged(slow), body: judged(fast).body }
  expect(await open(slow, claimed)).toEqual(['fail', '✗ the base’s policy of latency passes it: verdict'])
})

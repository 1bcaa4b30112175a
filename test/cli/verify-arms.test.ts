import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sha256 } from '../../src/core/documents/define.ts'
import { readBundle } from '../../src/steps/bundle.ts'
import { replay } from '../../src/steps/replay.ts'
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

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { sideOfFolder } from '../../src/cli/hard-outputs.ts'
import { documentId } from '../../src/core/documents/define.ts'
import { acceptancePath, acceptanceText } from '../../src/core/judge/acceptance.ts'
import { judgeArms, type TrainedArm } from '../../src/journeys/judge-arms.ts'
import { modelPage } from '../../src/journeys/model-page.ts'
import { silent } from '../adapters/tiny-set.ts'
import { trainRunOf } from '../core/judge/planted.ts'
import { dataFolder, found, modelFile, rowsOf, serving } from '../steps/model-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-judge-arms-'))
const today = '2026-11-22'
let data = ''
beforeAll(async () => {
  data = await dataFolder([rowsOf(found), rowsOf(found)])
})
afterAll(() => {
  for (const place of [folder, data]) rmSync(place, { recursive: true, force: true })
})

const candidate = (): TrainedArm => ({
  ...{ role: 'candidate', seed: 0, artifact: modelFile(folder, 'm.onnx', found) },
  run: trainRunOf({ role: 'candidate', seed: 0 }),
})

/** A candidate whose boxes are all right, judged by a policy that asks for more images than there are, or not. */
const judged = (files: Record<string, string>, minimumUnits = 100, arms = [candidate()]) =>
  judgeArms(
    {
      ...{ runtime: createOnnxRuntime(), images: createImages(), storage: createStorage(), progress: () => silent },
      measure: () => {
        throw new Error('without a champion nothing is timed')
      },
    },
    {
      arms,
      ...{
        champion: null,
        smoke: null,
        dataset: readDataset(data, { md5: true }),
        serving,
        latency: null,
        target: 'cpu',
      },
      policy: {
        yaml: `name: model\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4, minimumUnits: ${minimumUnits} }\n`,
        file: 'gates/model.yaml',
      },
      read: async (path) => (files[path] === undefined ? null : new TextEncoder().encode(files[path])),
      today,
    },
  )

test('a held verdict is the same each time it is reached, and an acceptance of it in the base releases the hold', async () => {
  const held = await judged({})
  expect(held.verdict.body.verdict).toBe('inconclusive')
  const id = documentId(held.verdict)
  const entry = { verdict: id, reason: 'few images, looked at', owner: 'ada', expires: '2026-12-22' }
  const accepted = await judged({ [acceptancePath(id)]: acceptanceText(entry) })
  expect([accepted.verdict.body.verdict, accepted.overall.verdict]).toEqual(['pass', 'pass'])
  expect(accepted.verdict.body.reason).toContain('Accepted by ada until 2026-12-22')
  // A bundle replays with it.
  expect(accepted.judging.body.accepted).toEqual([entry])
  const late = await judged({ [acceptancePath(id)]: acceptanceText({ ...entry, expires: '2026-11-21' }) })
  expect(late.verdict.body.verdict).toBe('inconclusive')
  // Of another policy's verdict it is none.
  const other = await judged({ [acceptancePath(id)]: acceptanceText(entry) }, 200)
  expect(other.verdict.body.verdict).toBe('inconclusive')
}, 60_000)

test('the page of a candidate holds it against the control arm, with pictures where they may be shown', async () => {
  const arm = (role: 'candidate' | 'control', boxes: typeof found) => ({
    ...{ role, seed: 0, artifact: modelFile(folder, `${role}.onnx`, boxes) },
    run: trainRunOf({ role, seed: 0 }),
  })
  // The control arm sees nothing: every image is one that the candidate fixes.
  const both = await judged({}, 1, [arm('candidate', found), arm('control', found.slice(0, 1))])
  const about = { title: 'data/x', side: sideOfFolder(readDataset(data, { md5: true })) }
  const page = await modelPage(createImages(), both, about)
  expect(page).toContain('Fixed: wrong with the control, right with the candidate')
  expect(page).toContain('data:image/jpeg;base64,')
  const bare = await modelPage(createImages(), both, { ...about, withheld: 'none of a public repository' })
  expect(bare).toContain('none of a public repository')
  expect(bare).not.toContain('data:image/jpeg')
  const alone = await judged({}, 1)
  expect(await modelPage(createImages(), alone, about)).toBeNull()
}, 60_000)

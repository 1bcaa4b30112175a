import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { documentId } from '../../src/core/documents/define.ts'
import { acceptancePath, acceptanceText } from '../../src/core/judge/acceptance.ts'
import { judgeArms } from '../../src/journeys/judge-arms.ts'
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

/** A candidate whose boxes are all right, judged by a policy that asks for more images than there are, or not. */
const judged = (files: Record<string, string>, minimumUnits = 100) =>
  judgeArms(
    {
      ...{ runtime: createOnnxRuntime(), images: createImages(), storage: createStorage(), progress: () => silent },
      measure: () => {
        throw new Error('without a champion nothing is timed')
      },
    },
    {
      arms: [
        {
          ...{ role: 'candidate', seed: 0, artifact: modelFile(folder, 'm.onnx', found) },
          run: trainRunOf({ role: 'candidate', seed: 0 }),
        },
      ],
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

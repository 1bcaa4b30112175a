import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { assertAnswer, casesOf, runCase } from './run-corpus.ts'

const sound = fileURLToPath(new URL('evaluate/good/truth.json', import.meta.url))

test.each(casesOf('evaluate').map((one) => [one.name, one] as const))('predictions to score: %s', async (_, one) => {
  // A case without a ground truth of its own is about its predictions.
  const prepare = (folder: string) => {
    if (!existsSync(join(folder, 'truth.json'))) cpSync(sound, join(folder, 'truth.json'))
  }
  const answer = await runCase(one, { prepare })
  assertAnswer(one, answer)
  expect(answer.milliseconds).toBeLessThan(20_000)
})

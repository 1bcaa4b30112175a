import { expect, test } from 'vitest'
import { type Mutant, runSeed } from '../../scripts/simulation/run-seed.ts'
import { tellOutcome } from '../../scripts/simulation/tell.ts'
import { mutants } from './mutants.ts'

const hundreds = Array.from({ length: 10 }, (_, i) => 100 * i + 1)

test.each(hundreds)('the hundred seeds from %i leave what must hold', async (from) => {
  for (let seed = from; seed < from + 100; seed++) {
    const outcome = await runSeed(seed)
    expect(outcome.wrong, tellOutcome(outcome)).toEqual([])
  }
})

test.each([
  ['two runs once said the same check again and both added to it', 1195],
  ['two runs that commented at once, each behind its list, once left two comments', 453],
  ['an earlier run once said the check of a later one again while that did, and doubled an annotation', 44_929],
  ['an earlier run once took up a check that a later one had taken over from it', 82_938],
])('%s: seed %i holds', async (_, seed) => {
  const outcome = await runSeed(seed)
  expect(outcome.wrong, tellOutcome(outcome)).toEqual([])
})

test('a seed makes the same requests each time it is run, mishaps and crashes included', async () => {
  for (const seed of [3, 4, 5, 6, 7, 8]) expect(await runSeed(seed)).toEqual(await runSeed(seed))
})

/** The first seed that fails. */
async function found(mutant: Mutant): Promise<string[]> {
  for (let seed = 1; seed <= 400; seed++) {
    const { wrong } = await runSeed(seed, mutant)
    if (wrong.length > 0) return [`seed ${seed}`, ...wrong]
  }
  return []
}

test.each(Object.entries(mutants))('%s is found within 400 seeds', async (_, { finds, ...mutant }) => {
  const [seed, ...wrong] = await found(mutant)
  expect(seed).toBeDefined()
  expect(wrong.join('\n')).toMatch(finds)
})

import { expect, test } from 'vitest'
import { latencyLines } from '../../src/cli/latency-lines.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { compared, drawArms, hosted } from '../core/compare/latency-world.ts'

const lines = (ratio: number, limits: object, host = hosted) =>
  latencyLines(compared(drawArms(seededRandom('lines'), ratio, 10, host)), limits).join('\n')
const wild = { ...hosted, between: 0.15 }

test('says for median and tail how many runs would have found 5 %, where no limit asks or one is left open', () => {
  const asked = lines(1, {}, wild)
  expect(asked).toMatch(/^10 runs an arm were made; .* at the median with a power of 0.9 takes \d{3,} here$/m)
  expect(asked).toMatch(/at the 95th percentile with a power of 0.9 takes \d{3,} here$/m)
  const open = lines(1, { p50: 1.05 }, wild)
  expect(open).toMatch(
    /^open at the median, where a ratio of 1.05 is allowed, after 10 runs an arm\n10 runs an arm were/m,
  )
})

test('a measure that is settled asks for no more runs, the other one still does', () => {
  const slower = lines(1.3, { p50: 1.05 })
  expect(slower).toMatch(/^slower at the median/m)
  expect(slower).not.toMatch(/at the median with a power/)
  expect(slower).toMatch(/^10 runs .* at the 95th percentile with a power of 0.9 takes/m)
  expect(lines(1, { p50: 1.2, p95: 1.5 })).not.toMatch(/runs an arm were made/)
})

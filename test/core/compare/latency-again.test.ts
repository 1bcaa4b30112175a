import { expect, test } from 'vitest'
import { compareLatency } from '../../../src/core/compare/latency.ts'
import { latencyDiffers } from '../../../src/core/compare/latency-again.ts'
import type { LatencyBody } from '../../../src/core/documents/operational.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { compared, drawArms, hosted } from './latency-world.ts'

test('every measurement that is made follows from the samples it writes: fast and slow models, quiet and noisy hosts', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed)
    const host = { ...hosted, between: random.pick([0.001, 0.03, 0.2]) }
    const scale = random.pick([0.02, 1, 300])
    const arms = drawArms(random, 0.7 + random.next(), random.pick([2, 5, 10, 40]), host).map((runs) =>
      runs.map((run) => {
        const inferenceMs = run.inferenceMs.map((ms) => ms * scale)
        // Where the wall clock is too wide, processor time is judged.
        return { ...run, inferenceMs, processorMs: inferenceMs.map((ms) => ms * 0.9) }
      }),
    )
    const body = compared(arms as Parameters<typeof compared>[0])
    expect([seed, latencyDiffers(body)]).toEqual([seed, null])
  }
})

test('the interval of a document without bounds is drawn again', () => {
  const [a, b] = drawArms(seededRandom(1), 1.1, 10, hosted)
  const protocol = { order: 'ABBA', runsPerArm: 10, imagesPerRun: 40, warmUp: 5, threads: 1, looks: 2 }
  const { bounds: _, ...body } = compareLatency('t', protocol, { name: 'a', runs: a }, { name: 'b', runs: b }, 0)
  expect(latencyDiffers(body)).toBeNull()
  expect(latencyDiffers({ ...body, ratioP50: { ...body.ratioP50, high: 1.02 } })).toBe('the interval of p50')
})

const slow = compared(drawArms(seededRandom(7), 1.3, 10, hosted))
const [champion, candidate] = slow.arms as [LatencyBody['arms'][number], LatencyBody['arms'][number]]
const bounds = slow.bounds as NonNullable<LatencyBody['bounds']>
const half = (all: number[] = []) => all.map((ms) => ms / 2)

test.each<[string, Partial<LatencyBody>, string]>([
  ['a smaller ratio', { ratioP50: { ...slow.ratioP50, value: 1.001 } }, 'the ratio of p50'],
  ['a smaller bound', { bounds: { ...bounds, p50: { ...bounds.p50, upper95: 1.01 } } }, 'the bound upper95 of p50'],
  ['a bound of the tail', { bounds: { ...bounds, p95: { ...bounds.p95, lower99: 0.9 } } }, 'the bound lower99 of p95'],
  [
    'a bound that is none',
    { bounds: { ...bounds, p50: { lower99: null, upper95: null } } },
    'the bound lower99 of p50',
  ],
  ['fewer planned looks', { protocol: { ...slow.protocol, looks: 1 } }, 'the bound lower99 of p50'],
  ['a faster candidate', { arms: [champion, { ...candidate, p95Ms: 1 }] }, 'p95Ms of b'],
  ['samples of a faster candidate', { samples: { ...slow.samples, b: half(slow.samples.b) } }, 'p50Ms of b'],
  [
    'more runs than were made',
    { protocol: { ...slow.protocol, runsPerArm: 40 } },
    'it has not the samples of every run',
  ],
  ['no samples', { samples: {} }, 'it has not the samples of every run'],
  ['a third arm', { arms: [...slow.arms, candidate] }, 'it has not two arms'],
])('%s is found', (_, change, says) => {
  expect(latencyDiffers({ ...slow, ...change })).toBe(says)
})

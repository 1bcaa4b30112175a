import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createInferenceClient, createRouter } from '../../src/adapters/router.ts'
import { type Server, startServer } from '../../src/adapters/serve/server.ts'
import { type RolloutState, startRollout } from '../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../src/core/rollout/rules.ts'
import type { Clock } from '../../src/ports.ts'
import { driveRollout } from '../../src/steps/rollout.ts'
import { sendTraffic } from '../../src/steps/traffic.ts'
import { somePictures, tinyWorld } from './tiny-world.ts'

const rules = rolloutRules({
  shadow: { minimumRequests: 60, minimumSeconds: 0 },
  minimumSeconds: 0,
  steps: [0.1, 0.5, 1],
  minimumRequests: 60,
  maximumRequests: 100_000,
  alpha: 0.05,
  margins: { lost: 0.2, failures: 0.1, latency: 3, flood: 0.4 },
})
const clock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => resolve(clearTimeout(timer)))
    }),
}

let world: Awaited<ReturnType<typeof tinyWorld>>
let server: Server | undefined
beforeAll(async () => {
  world = await tinyWorld()
})
afterEach(async () => {
  await server?.stop()
  server = undefined
})
afterAll(() => world?.remove())

/** Rolls a challenger out under steady traffic; returns where it ended and what was written into git. */
async function rollOut(
  challenger: ReturnType<typeof world.source>,
  images: Buffer[],
  onLook?: (state: RolloutState) => void,
) {
  const champion = world.source('champion', 'v1')
  const running = await startServer({ model: 'tiny', champion, challenger })
  server = running
  const traffic = new AbortController()
  const client = createInferenceClient(running.url, 'tiny')
  const sending = sendTraffic(client, { images, requests: 5000, concurrency: 3, signal: traffic.signal })
  const settled: string[] = []
  const saved: RolloutState[] = []
  const state = await driveRollout(
    {
      router: createRouter(running.url),
      clock,
      save: (document) => void saved.push(document),
      settle: async ({ type }) => void settled.push(type),
    },
    {
      state: startRollout({
        channel: 'production',
        champion: { version: 'v1', artifact: champion.digest },
        challenger: { version: challenger.version, artifact: challenger.digest },
        expected: null,
      }),
      rules,
      intervalSeconds: 0.1,
      onLook,
    },
  )
  traffic.abort()
  return { state, settled, saved, traffic: await sending, status: running.status() }
}

test('promotes a challenger that finds more, step by step, and gives it all of the traffic', async () => {
  const images = [...(await somePictures(20, 1)), ...(await somePictures(20, 2, 0.3))]
  const { state, settled, traffic, status } = await rollOut(world.source('eager', 'v2'), images)
  expect(state.phase).toBe('promoted')
  expect(settled).toEqual(['promote'])
  expect(status.weight).toBe(1)
  expect(traffic.failed).toBe(0)
  const steps = state.looks.filter(({ decision }) => decision === 'advance').map(({ step }) => step)
  expect(steps).toEqual(['shadow', '10 %', '50 %'])
  expect(state.looks.at(-1)?.challenger.gained).toBeGreaterThan(10)
  expect(status.arms.challenger.answered).toBeGreaterThan(0)
})

test('rolls a release with swapped colour channels back in the shadow: it never answers anybody', async () => {
  const broken = world.source('champion', 'v2', { channels: 'BGR' })
  const { state, settled, traffic, status } = await rollOut(broken, await somePictures(40, 3))
  expect(state.phase).toBe('rolled-back')
  expect(state.reason).toMatch(/harm: share of the champion's confident boxes/)
  expect(settled).toEqual(['rollback'])
  expect(state.looks.every(({ step }) => step === 'shadow')).toBe(true)
  expect(status).toMatchObject({ weight: 0, shadow: false })
  expect(traffic.answered.challenger).toBe(0)
  expect(traffic.failed).toBe(0)
})

test('a challenger killed again and again is rolled back, and no client sees a failure', async () => {
  const images = await somePictures(20, 4)
  const { state, traffic } = await rollOut(world.source('eager', 'v2'), images, () => {
    const pid = server?.pids().challenger
    if (pid === undefined) return
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was gone before.
    }
  })
  expect(state.phase).toBe('rolled-back')
  expect(state.reason).toMatch(/crashed until it stayed down|only the challenger fails/)
  expect(traffic.failed).toBe(0)
})

test('a challenger whose numbers are not finite is rolled back for its errors', async () => {
  const { state, traffic } = await rollOut(world.source('nan', 'v2'), await somePictures(10, 5))
  expect(state.phase).toBe('rolled-back')
  expect(state.reason).toMatch(/only the challenger fails/)
  expect(traffic.failed).toBe(0)
})

test('a challenger that needs many times the processor time is rolled back for it', async () => {
  const { state, traffic } = await rollOut(world.source('slow', 'v2'), await somePictures(10, 6))
  expect(state.phase).toBe('rolled-back')
  expect(state.reason).toMatch(/more than 3 times the processor time/)
  expect(traffic.failed).toBe(0)
})

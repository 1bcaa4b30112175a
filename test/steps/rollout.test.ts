import { expect, test } from 'vitest'
import { ToolError } from '../../src/core/errors.ts'
import { isOver, type RolloutState } from '../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../src/core/rollout/rules.ts'
import type { RouterStatus } from '../../src/core/rollout/tally.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { driveRollout, type RolloutPorts } from '../../src/steps/rollout.ts'
import { first, type Nature, routerAt, serve } from '../core/rollout/scripted.ts'

const rules = rolloutRules({
  shadow: { minimumRequests: 100, minimumSeconds: 0 },
  minimumSeconds: 0,
  steps: [0.1, 0.5, 1],
  minimumRequests: 100,
  alpha: 0.05,
  margins: { lost: 0.15, failures: 0.05, latency: 1.5, flood: 0.25 },
})

/** A router in memory behind a virtual clock: sleeping serves 120 requests. */
function world(nature: Nature) {
  const random = seededRandom(7)
  const router: RouterStatus = routerAt()
  const seen = {
    weights: [] as number[],
    settled: [] as string[],
    saved: null as RolloutState | null,
    leases: [] as unknown[],
  }
  let now = 0
  const ports: RolloutPorts = {
    router: {
      status: async () => structuredClone(router),
      setWeight: async ({ challenger, leaseSeconds }) => {
        router.weight = challenger
        seen.weights.push(challenger)
        seen.leases.push(leaseSeconds)
      },
      setChallenger: async () => {},
    },
    clock: {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms
        serve(router, 120, nature, random)
      },
    },
    // As a file would keep it.
    save: (state) => {
      seen.saved = JSON.parse(JSON.stringify(state))
    },
    settle: async ({ type }) => void seen.settled.push(type),
  }
  return { router, seen, ports }
}
const drive = (ports: RolloutPorts, state: RolloutState = first(), signal?: AbortSignal) =>
  driveRollout(ports, { state, rules, intervalSeconds: 10, signal })

test('walks the steps, renews the weight’s lease while it lasts, and settles once', async () => {
  const { ports, seen } = world({})
  const state = await drive(ports)
  expect(state).toMatchObject({ phase: 'promoted', pending: [] })
  expect(seen.settled).toEqual(['promote'])
  expect([...new Set(seen.weights)]).toEqual([0, 0.1, 0.5, 1])
  expect(seen.leases.filter((lease) => lease !== null).every((lease) => lease === 30)).toBe(true)
  expect(seen.leases.at(-1)).toBeNull()
  expect(seen.saved).toEqual(JSON.parse(JSON.stringify(state)))
})

test('killed at any write and started again from the saved state, it ends the same and settles at least once', async () => {
  const whole = world({ fails: 0.2 })
  const expected = await drive(whole.ports)
  expect(expected.phase).toBe('rolled-back')
  for (let kill = 1; kill < 40; kill++) {
    const { ports, seen, router } = world({ fails: 0.2 })
    let writes = 0
    const dying =
      <A extends unknown[], R>(work: (...args: A) => R) =>
      (...args: A): R => {
        if (++writes === kill) throw new Error('killed')
        return work(...args)
      }
    const killed = { ...ports, save: dying(ports.save), settle: dying(ports.settle) }
    const survived = await drive(killed).then(
      () => true,
      () => false,
    )
    const end = await drive(ports, seen.saved ?? first())
    expect(end.phase).toBe('rolled-back')
    expect(router.weight).toBe(0)
    expect(new Set(seen.settled)).toEqual(new Set(['rollback']))
    if (survived) break
  }
})

test('a router that cannot be reached counts as no data and pauses', async () => {
  const { ports, seen } = world({})
  const down = async () => {
    throw new ToolError('no answer')
  }
  const state = await drive({ ...ports, router: { ...ports.router, status: down } })
  expect(state).toMatchObject({ phase: 'paused', reason: 'no data (5 in a row): no answer' })
  expect(seen.settled).toEqual([])
})

test('a rollback is written into git although the router is gone, and says what is missing', async () => {
  const { ports, seen } = world({ fails: 0.5 })
  const refuse = async () => {
    throw new ToolError('no answer')
  }
  const attempt = drive({ ...ports, router: { ...ports.router, setWeight: refuse } })
  await expect(attempt).rejects.toThrow(/rolled-back, but the router does not take weight 0/)
  expect(seen.settled).toEqual(['rollback'])
})

test('a promotion is not written into git before the router took the weight', async () => {
  const { ports, seen, router } = world({})
  const setWeight: RolloutPorts['router']['setWeight'] = async (weight) => {
    if (weight.challenger === 1) throw new ToolError('HTTP 500')
    await ports.router.setWeight(weight)
  }
  await expect(drive({ ...ports, router: { ...ports.router, setWeight } })).rejects.toThrow(/promoted, but the router/)
  expect(seen.settled).toEqual([])
  expect(router.weight).toBe(0.5)
  expect(await drive(ports, seen.saved as RolloutState)).toMatchObject({ phase: 'promoted', pending: [] })
  expect(seen.settled).toEqual(['promote'])
})

test('stops between looks when asked to, and goes on from there', async () => {
  const { ports, seen } = world({})
  const stop = new AbortController()
  const looks = {
    ...ports,
    save: (state: RolloutState) => {
      if (state.looks.length === 2) stop.abort()
      return ports.save(state)
    },
  }
  const stopped = await drive(looks, first(), stop.signal)
  expect(isOver(stopped)).toBe(false)
  expect(await drive(ports, seen.saved as RolloutState)).toMatchObject({ phase: 'promoted' })
})

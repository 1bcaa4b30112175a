import { expect, test } from 'vitest'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { rolloutState } from '../../../src/core/documents/release.ts'
import { advance, isOver, type RolloutEvent, type RolloutState } from '../../../src/core/rollout/machine.ts'
import { rolloutRules } from '../../../src/core/rollout/rules.ts'
import type { RouterStatus } from '../../../src/core/rollout/tally.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { first, lookAt, type Nature, routerAt, serve } from './scripted.ts'

const rules = rolloutRules({
  shadow: { minimumRequests: 50, minimumSeconds: 30 },
  minimumSeconds: 10,
  steps: [0.05, 0.25, 1],
  minimumRequests: 50,
  maximumRequests: 3000,
  alpha: 0.05,
  margins: { lost: 0.15, failures: 0.05, latency: 1.5, flood: 0.25 },
})

/** Looks every 10 s after `requests` more; applies route effects; ends with the rollout, a pause, or after `looks`. */
function run(
  nature: Nature,
  random: Random,
  options: { requests?: number; looks?: number; router?: RouterStatus } = {},
) {
  const router = options.router ?? routerAt()
  let state = first()
  const weights: number[] = []
  for (let i = 0; i < (options.looks ?? 200); i++) {
    const next = advance(state, lookAt(router, i * 10), rules)
    state = next.state
    for (const effect of next.effects) {
      if (effect.type === 'route') router.weight = effect.weight
      state = advance(state, { type: 'done', id: `done-${effect.id}`, at: i * 10, effect: effect.id }, rules).state
    }
    weights.push(router.weight)
    if (isOver(state) || state.phase === 'paused') break
    serve(router, options.requests ?? 40, nature, random)
  }
  return { state, weights: [...new Set(weights)] }
}

test('a challenger like the champion goes through the shadow, 5 % and 25 % to all of the traffic', () => {
  const { state, weights } = run({ lost: 0.05, slow: 0.1 }, seededRandom(1))
  expect(state).toMatchObject({ phase: 'promoted', weight: 1, pending: [] })
  expect(weights).toEqual([0, 0.05, 0.25, 1])
  expect(state.looks.filter(({ decision }) => decision === 'advance').map(({ step }) => step)).toEqual([
    'shadow',
    '5 %',
    '25 %',
  ])
  expect(problemsOf(rolloutState, state)).toEqual([])
})

test.each<[string, Nature, RegExp]>([
  ['loses half of the boxes', { lost: 0.5 }, /confident boxes that the challenger has no box for/],
  ['fails one request in five', { fails: 0.2 }, /only the challenger fails/],
  ['takes four times as long mostly', { slow: 0.9 }, /more than 1.5 times the processor time/],
  ['floods the frames', { floods: 0.8 }, /three times the champion's/],
])('a challenger that %s is rolled back in the shadow', (_, nature, reason) => {
  const { state, weights } = run(nature, seededRandom(2))
  expect(state.phase).toBe('rolled-back')
  expect(state.reason).toMatch(reason)
  expect(weights).toEqual([0])
})

test('harm that begins under live traffic takes the weight back at that step', () => {
  const random = seededRandom(3)
  const router = routerAt()
  let state = first()
  for (let at = 0; !isOver(state) && at < 2000; at += 10) {
    state = advance(state, lookAt(router, at), rules).state
    router.weight = state.weight
    serve(router, 40, state.step >= 2 ? { fails: 0.3 } : {}, random)
  }
  expect(state).toMatchObject({ phase: 'rolled-back', weight: 0, step: 2 })
  expect(state.pending.map(({ type, weight }) => [type, weight])).toEqual([
    ['route', 0],
    ['rollback', 0],
  ])
})

test('what the release expects to lose is no harm; the same loss unexpected is', () => {
  const router = routerAt()
  serve(router, 0, {}, seededRandom(4))
  const outcome = (expected: number | null) => {
    const random = seededRandom(5)
    const seen = routerAt()
    let state: RolloutState = { ...first(), expected }
    for (let at = 0; at < 300 && !isOver(state); at += 10) {
      state = advance(state, lookAt(seen, at), rules).state
      if (state.step > 0) break
      serve(seen, 40, { lost: 0.25 }, random)
    }
    return state.phase
  }
  expect(outcome(null)).toBe('rolled-back')
  expect(outcome(0.22)).toBe('canary')
})

test('nothing moves before the least number of requests and seconds, however good it looks', () => {
  const random = seededRandom(6)
  const router = routerAt()
  let state = advance(first(), lookAt(router, 0), rules).state
  serve(router, 2000, {}, random)
  state = advance(state, lookAt(router, 29), rules).state
  expect(state).toMatchObject({ phase: 'shadow', step: 0 })
  expect(state.reason).toContain('29 of 30 s')
  expect(advance(state, lookAt(router, 30), rules).state).toMatchObject({ phase: 'canary', weight: 0.05 })
})

test('a canary that answers nobody does not advance', () => {
  const router = routerAt()
  let state = advance(first(), lookAt(router, 0), rules).state
  serve(router, 500, {}, seededRandom(7))
  state = advance(state, lookAt(router, 40), rules).state
  // The router never takes the weight: only the champion answers.
  serve(router, 500, {}, seededRandom(8))
  state = advance(state, lookAt(router, 80), rules).state
  expect(state).toMatchObject({ phase: 'canary', step: 1 })
  expect(state.reason).toContain('0 of 1 answers by the challenger')
  expect(state.pending).toMatchObject([{ type: 'route', weight: 0.05 }])
})

test('pauses when undecided at the maximum, with weight 0, and goes on when a human resumes it', () => {
  // A true loss right at the limit is neither harm nor safe.
  const { state } = run({ lost: 0.15 }, seededRandom(9), { requests: 200 })
  expect(state).toMatchObject({ phase: 'paused', weight: 0 })
  expect(state.reason).toMatch(/^inconclusive at the maximum: lost undecided after \d+/)
  const looked = advance(state, lookAt(routerAt(), 9999), rules).state
  expect(looked).toBe(state)
  const resumed = advance(state, { type: 'resume', id: 'r', at: 9999, by: 'ann', reason: 'looked at it' }, rules).state
  expect(resumed).toMatchObject({ phase: 'shadow', since: null, reason: 'resumed by ann: looked at it' })
})

test('no data never counts as success: it pauses after five looks in a row', () => {
  let state = first()
  const blind: (RouterStatus | null)[] = [null, { ...routerAt(), challenger: null }, null, null]
  for (const [i, status] of blind.entries()) {
    state = advance(state, { type: 'look', id: `l${i}`, at: i, status, problem: 'HTTP 500' }, rules).state
    expect(state.phase).toBe('shadow')
  }
  const wrong = { ...routerAt(), champion: { version: 'v1', artifact: 'x', state: 'ready' as const } }
  state = advance(state, { type: 'look', id: 'l4', at: 4, status: wrong }, rules).state
  expect(state).toMatchObject({ phase: 'paused', reason: 'no data (5 in a row): the router serves another champion' })
})

test('a router that started again begins the step anew; an older look that comes late changes nothing', () => {
  const random = seededRandom(10)
  const router = routerAt()
  let state = advance(first(), lookAt(router, 0), rules).state
  const early = lookAt(router, 1)
  serve(router, 100, {}, random)
  const late = { ...early, id: 'late' } as RolloutEvent
  state = advance(state, lookAt(router, 10), rules).state
  expect(state.looks.at(-1)?.requests).toBe(100)
  const again = routerAt()
  again.epoch = 'two'
  const restarted = advance(state, lookAt(again, 20), rules).state
  expect(restarted).toMatchObject({ windows: 2, step: 0 })
  expect(restarted.looks.at(-1)?.requests).toBe(0)
  const since = { ...state, since: { at: 0, epoch: 'one', answered: 0, pairs: structuredClone(router.pairs) } }
  const ignored = advance(since, late, rules).state
  expect({ ...ignored, events: since.events }).toEqual(since)
})

test('a human stops it at any point; the end is the end', () => {
  const stop: RolloutEvent = { type: 'abort', id: 'stop', at: 5, by: 'ann', reason: 'not today' }
  const stopped = advance(first(), stop, rules).state
  expect(stopped).toMatchObject({ phase: 'rolled-back', weight: 0, reason: 'stopped by ann: not today' })
  for (const event of [stop, lookAt(routerAt(), 9), { ...stop, type: 'resume' as const, id: 'again' }]) {
    expect(advance(stopped, event, rules).state).toBe(stopped)
  }
})

test('over random events: every event may come twice, weights only grow by evidence, ends stay, documents stay sound', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = seededRandom(`events ${seed}`)
    const router = routerAt()
    let state = first()
    for (let i = 0; i < 60; i++) {
      const at = i * 7
      const event: RolloutEvent = random.pick<() => RolloutEvent>([
        () => lookAt(router, at),
        () => lookAt(router, at),
        () => lookAt(router, at),
        () => ({ type: 'look', id: `blind-${at}`, at, status: null }),
        () => ({ type: 'resume', id: `resume-${at}`, at, by: 'ann', reason: 'go' }),
        () =>
          random.next() < 0.05 ? { type: 'abort', id: `abort-${at}`, at, by: 'ann', reason: 'no' } : lookAt(router, at),
      ])()
      const next = advance(state, event, rules).state
      expect(advance(next, event, rules).state).toEqual(next)
      if (isOver(state)) expect(next).toBe(state)
      const allowed = [0, ...rules.weights, 1]
      expect(allowed).toContain(next.weight)
      const evidence = next.looks.filter(({ decision }) => decision === 'advance').length
      expect(next.weight).toBeLessThanOrEqual(allowed[evidence] as number)
      expect(problemsOf(rolloutState, next)).toEqual([])
      state = next
      if (random.next() < 0.8) router.weight = state.weight
      serve(router, random.int(80), random.pick<Nature>([{}, { lost: 0.1 }, { fails: 0.1 }]), random)
    }
  }
})

test('rolls a challenger that is no worse back in at most alpha of 150 rollouts, looked at after every 10 requests', () => {
  const random = seededRandom('null')
  let harmed = 0
  for (let i = 0; i < 150; i++) {
    // Exactly at two of the limits, under the others: the hardest of those that are within.
    const { state } = run({ lost: 0.15, slow: 0.5 }, random, { requests: 10, looks: 30 })
    if (state.phase === 'rolled-back') harmed++
  }
  expect(harmed / 150).toBeLessThanOrEqual(0.05)
})

test('refuses margins it does not know or that make no sense', () => {
  const policy = { shadow: { minimumRequests: 1, minimumSeconds: 1 }, steps: [1], minimumRequests: 1, alpha: 0.05 }
  expect(() => rolloutRules({ ...policy, margins: { losst: 0.1 } })).toThrow(/did you mean "lost"/)
  expect(() => rolloutRules({ ...policy, margins: { latency: 0.5 } })).toThrow(/from 1 to 15/)
  expect(() => rolloutRules({ ...policy, alpha: 0, margins: {} })).toThrow(/alpha/)
  expect(() => rolloutRules({ ...policy, steps: [0.5, 0.2], margins: {} })).toThrow(/must rise/)
})

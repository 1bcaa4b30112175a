import { createForge } from '../../src/adapters/github.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import type { Forge } from '../../src/forge-port.ts'
import { alwaysHolds, checkHolds, commentHolds, holdsInTheEnd, isNewestReport, oneComment } from './invariants.ts'
import { type Call, fetchOf, type Life, mishaps, type Network, type Weather } from './network.ts'
import { type Actor, drawPlans, type Plan, rightRefusal, work } from './tasks.ts'
import { type Timeline, timelineFrom } from './timeline.ts'
import { makeTemplate, openWorld, start, type World } from './world.ts'

export type Outcome = { seed: number; plans: Plan[]; weather: Weather; trace: Call[]; ends: string[]; wrong: string[] }
/** A bug to plant, to see that it is found. */
export type Mutant = {
  /** One writer of this kind alone, where another would hide it. */
  alone?: Plan['kind']
  forge?: (forge: Forge, world: World) => Forge
  fetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
}

// A report with all its annotations, asked three times over.
const mostCalls = 120
const mostEvents = 20_000
let template: ReturnType<typeof makeTemplate> | undefined

/** One seed from its first request to its last: the same seed makes the same requests. */
export async function runSeed(seed: number, mutant: Mutant = {}): Promise<Outcome> {
  template ??= makeTemplate()
  const random = seededRandom(`simulation ${seed}`)
  const lives: Life[] = []
  const timeline = timelineFrom(start, () => lives.every(({ alive, waits }) => !alive || waits > 0))
  const world = openWorld(await template, timeline.now, seed % 20 === 0)
  const plans = drawPlans(random, mutant.alone)
  const weather = drawWeather(random)
  const outcome: Outcome = { seed, plans, weather: { ...weather }, trace: [], ends: [], wrong: [] }
  const seen = new Map<string, string>()
  const fail = (problems: string[]) => {
    for (const problem of problems) if (!outcome.wrong.includes(problem)) outcome.wrong.push(problem)
  }
  const onWrite = () => fail(alwaysHolds(world, plans, seen))
  const network: Network = {
    ...{ forge: world.forge, timeline, random, weather, onWrite },
    trace: outcome.trace,
  }
  const token = random.next() < 0.5 ? 'github-token' : 'a-person'
  if (random.next() < 0.5) keepOldComment(world, token)
  const actors = plans.map((plan, i): Actor => ({ who: `${plan.kind}-${i + 1}`, plan, decided: null }))
  const finished = new Set<Actor>()

  /** One try of an actor, begun now; it starts again after a crash, and maybe after a failure. */
  const live = (actor: Actor, tries: number) => {
    const again = (ms: number) => timeline.after(ms, () => live(actor, tries + 1))
    const life: Life = { who: actor.who, alive: true, calls: 0, waits: 0, crash: () => {} }
    lives.push(life)
    life.crash = () => {
      life.alive = false
      again(random.uniform(100, 20_000))
    }
    const asked = fetchOf(network, life, token)
    const sleep = (ms: number) => sleepIn(timeline, life, ms)
    const options = { repository: 'acme/data', token, apiUrl: 'http://127.0.0.1:1', pauseMs: 1000, sleep }
    const made = createForge({ ...options, fetch: mutant.fetch?.(asked) ?? asked })
    const forge = mutant.forge?.(made, world) ?? made
    work(actor, forge, world, tries > 1).then(
      () => {
        end(actor, life, 'done')
        finished.add(actor)
      },
      (error: Error) => {
        end(actor, life, error.message)
        if (!(error instanceof ToolError || error instanceof UsageError)) fail([`${actor.who}: ${error.stack}`])
        if (rightRefusal.test(error.message)) finished.add(actor)
        else if (tries < 3 && random.next() < 0.5) again(random.uniform(1000, 60_000))
      },
    )
  }
  const end = (actor: Actor, life: Life, says: string) => {
    life.alive = false
    outcome.ends.push(`${actor.who}: ${says}`)
    if (life.calls > mostCalls) fail([`${actor.who} made ${life.calls} requests in one try`])
  }
  const quiet = async () => {
    if (!(await timeline.run(mostEvents))) fail(['it does not come to an end'])
  }

  for (const actor of actors) timeline.after(random.uniform(0, random.pick([100, 3000, 60_000])), () => live(actor, 1))
  await quiet()
  // Nobody died and nothing was late: there is one comment without another run, however far lists were behind.
  const survived = !outcome.trace.some(({ mishap }) => mishap !== null && /crash|late/.test(mishap))
  if (survived && finished.size === actors.length) fail(oneComment(world, plans))
  // And no run was there twice: what it has said of its end holds.
  const undisturbed = survived && weather.lagMs === 0
  const isOnce = new Set(plans.map((plan) => JSON.stringify(plan))).size === plans.length
  if (undisturbed && isOnce && finished.size === actors.length) {
    fail(checkHolds(world, plans))
    // GitHub changes no comment on a condition: it is right where requests are on their way for less than a second.
    if (weather.slowMs <= 500) fail(commentHolds(world, plans))
  }
  weather.left = 0
  weather.lagMs = 0
  for (const round of ['once more', 'at rest'] as const) {
    let isHealed = false
    for (const actor of random.shuffle(actors)) {
      const [before, from] = [outcome.ends.length, outcome.trace.length]
      timeline.after(120_000, () => live(actor, 9))
      await quiet()
      const says = outcome.ends.at(-1) ?? ''
      const ended = outcome.ends.length === before + 1 && (/: done$/.test(says) || rightRefusal.test(says))
      if (!ended) fail([`${actor.who} does not end in calm weather: ${says}`])
      const writes = outcome.trace.slice(from).filter(({ method, status }) => method !== 'GET' && status < 300)
      if (round === 'at rest' && writes.length > 0)
        fail([`${actor.who} writes from rest: ${writes[0]?.method} ${writes[0]?.path}`])
      // Whatever went wrong before, the newest run's next report mends it, and nothing that follows undoes that.
      isHealed ||= isNewestReport(actor.plan, plans)
      if (isHealed) fail([...commentHolds(world, plans), ...checkHolds(world, plans)])
    }
    fail(holdsInTheEnd(world, actors))
  }
  fail(world.watch?.problems ?? [])
  return outcome
}

/** Waits in virtual time; whoever died meanwhile waits for ever. */
function sleepIn(timeline: Timeline, life: Life, ms: number): Promise<void> {
  life.waits++
  return new Promise((resolve) =>
    timeline.after(ms, () => {
      if (!life.alive) return
      life.waits--
      resolve()
    }),
  )
}

/** What an earlier run had said. */
function keepOldComment({ state }: World, token: string): void {
  const [body, at] = ['<!-- sluice:pull-request run=3.1 -->\nreport of 3.1', '2026-11-22T11:00:00Z']
  const author = token === 'a-person' ? 'ada' : 'github-actions[bot]'
  state.comments.push({ id: state.nextId++, issue: 1, body, author, createdAt: at, updatedAt: at })
}

function drawWeather(random: ReturnType<typeof seededRandom>): Weather {
  const chance = random.pick([0, 0.05, 0.15, 0.4])
  const kinds = random.shuffle(mishaps).slice(0, 1 + random.int(mishaps.length))
  return {
    chance,
    kinds,
    left: 1 + random.int(12),
    lagMs: random.pick([0, 0, 500, 5000, 12_000]),
    slowMs: random.pick([50, 500, 3000]),
  }
}

import { parseArgs } from 'node:util'
import { runSeed } from './simulation/run-seed.ts'
import { tellOutcome } from './simulation/tell.ts'

const usage = `npm run simulate -- [--seeds N] [--from SEED] [--seed SEED]

Runs what sluice writes to a forge against a forge in this process, in virtual time, with faults, crashes and several
writers at once, all of it drawn from the seed. Exit code 1 when something that must hold did not.

  --seeds N     how many seeds (default 1000)
  --from SEED   the first of them (default 1)
  --seed SEED   only this one, with every request that it made`

const options = {
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(usage)
  const [seeds, from, seed] = [values.seeds, values.from, values.seed ?? '0'].map(Number) as [number, number, number]
  if (![seeds, from, seed].every((value) => Number.isSafeInteger(value) && value >= 0)) {
    console.error(`seeds are whole numbers\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (values.seed !== undefined) {
    const outcome = await runSeed(seed)
    console.log(tellOutcome(outcome))
    process.exitCode = outcome.wrong.length > 0 ? 1 : 0
    return
  }
  const began = performance.now()
  const mishaps = new Map<string, number>()
  const sums = { failed: 0, requests: 0, writes: 0, ends: 0 }
  for (let at = from; at < from + seeds; at++) {
    const outcome = await runSeed(at)
    for (const { method, mishap } of outcome.trace) {
      if (mishap) mishaps.set(mishap, (mishaps.get(mishap) ?? 0) + 1)
      if (method !== 'GET') sums.writes++
    }
    if ((at - from + 1) % 10_000 === 0) console.log(`${at - from + 1} seeds, ${sums.failed} failed`)
    sums.requests += outcome.trace.length
    sums.ends += outcome.ends.length
    if (outcome.wrong.length === 0) continue
    // The first ones are told whole, the others by number.
    sums.failed++
    console.log(sums.failed <= 3 ? tellOutcome(outcome) : `seed ${at} fails: ${outcome.wrong[0]}`)
  }
  const seconds = (performance.now() - began) / 1000
  console.log(`${seeds} seeds from ${from} in ${seconds.toFixed(0)} s: ${sums.failed} failed`)
  console.log(`${sums.requests} requests, ${sums.writes} of them writes, ${sums.ends} runs that came to an end`)
  console.log(
    [...mishaps]
      .map(([kind, count]) => `${kind} ${count}`)
      .sort()
      .join(', '),
  )
  process.exitCode = sums.failed > 0 ? 1 : 0
}

await main()

import type { Outcome } from './run-seed.ts'
import { start } from './world.ts'

/** A seed as text: who wrote what, every request, how each run ended, what did not hold, and how to see it again. */
export function tellOutcome({ seed, plans, weather, trace, ends, wrong }: Outcome): string {
  const calls = trace.map(({ at, who, method, path, status, mishap }) => {
    const seconds = ((at - start) / 1000).toFixed(2).padStart(9)
    return `${seconds}  ${who.padEnd(12)} ${method.padEnd(6)} ${path.replace('/repos/acme/data', '')} ${status || '-'}${mishap ? ` ${mishap}` : ''}`
  })
  const kinds =
    weather.chance > 0 ? `${100 * weather.chance} % of requests meet ${weather.kinds.join(', ')}` : 'no faults'
  return [
    `seed ${seed} ${wrong.length > 0 ? 'fails' : 'holds'}`,
    ...plans.map((plan, i) => `  ${i + 1}: ${JSON.stringify(plan)}`),
    `  ${kinds}; lists up to ${weather.lagMs} ms behind`,
    ...calls,
    ...ends.map((end) => `  ended: ${end}`),
    ...wrong.map((problem) => `  WRONG: ${problem}`),
    `  again: npm run simulate -- --seed ${seed}`,
  ].join('\n')
}

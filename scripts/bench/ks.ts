// Two samples of a million values each, against scipy's ks_2samp and wasserstein_distance: node scripts/bench/ks.ts [n]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ksTest } from '../../src/core/stats/ks.ts'
import { type Random, seededRandom } from '../../src/core/stats/random.ts'
import { wasserstein } from '../../src/core/stats/wasserstein.ts'
import { peerPython } from './peers.ts'
import { race } from './race.ts'

type Answer = { ms: number; d: number; p: number }

const n = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-ks-'))
// Ordinary data, and what is hard for bins: ties, and one bin that holds nearly everything.
const kinds: Record<string, (random: Random, side: number) => number> = {
  normal: (random, side) => random.normal(0.002 * side, 1),
  ties: (random, side) => random.int(200 + side),
  'one heavy bin': (random, side) => random.normal(0.002 * side, 1) * (random.next() < 1e-5 ? 1e9 : 1),
}

function draw(kind: string): [Float64Array, Float64Array] {
  const random = seededRandom(`bench ks ${kind}`)
  const value = kinds[kind] as (random: Random, side: number) => number
  const side = (k: number) => Float64Array.from({ length: n }, () => value(random, k))
  return [side(0), side(1)]
}

const server = spawn(peerPython(), [fileURLToPath(new URL('ks/reference.py', import.meta.url)), folder], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
const ask = async (what: string): Promise<Answer> => {
  server.stdin.write(`${what}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error('the reference ended without an answer')
  return JSON.parse(String(value)) as Answer
}
const timed = (work: () => unknown) => {
  const start = performance.now()
  work()
  return performance.now() - start
}
const same = (mine: number, theirs: number, what: string) => {
  if (!(Math.abs(mine - theirs) <= 1e-12 * Math.max(1, Math.abs(theirs))))
    throw new Error(`${what} differs: ${mine}, not ${theirs}`)
}

try {
  let met = true
  for (const kind of Object.keys(kinds)) {
    const [a, b] = draw(kind)
    writeFileSync(join(folder, 'a.f64'), a)
    writeFileSync(join(folder, 'b.f64'), b)
    const ks = await race({
      name: `Kolmogorov-Smirnov, ${n} + ${n} values, ${kind}`,
      ours: { name: 'sluice', run: () => timed(() => ksTest(a, b)) },
      theirs: { name: 'scipy', run: async () => (await ask('ks')).ms },
      equal: async () => {
        const theirs = await ask('load')
        const mine = ksTest(a, b)
        same(mine.d, theirs.d, 'D')
        same(mine.p, theirs.p, 'p')
      },
      goal: kind === 'normal' ? 4 : 1,
    })
    const w1 = await race({
      name: `Wasserstein distance, ${n} + ${n} values, ${kind}`,
      ours: { name: 'sluice', run: () => timed(() => wasserstein(a, b)) },
      theirs: { name: 'scipy', run: async () => (await ask('w1')).ms },
      equal: async () => same(wasserstein(a, b), (await ask('w1')).d, 'the distance'),
      goal: kind === 'normal' ? 3 : 1,
    })
    met = met && ks.met && w1.met
  }
  process.exitCode = met ? 0 : 1
} finally {
  server.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}

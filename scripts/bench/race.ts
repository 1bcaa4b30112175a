import { readFileSync } from 'node:fs'
import { quantile } from '../../src/core/stats/quantiles.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

/** One side of a race: does the work once and returns how many milliseconds it took. */
export type Arm = { name: string; run: () => number | Promise<number> }

export type Race = {
  name: string
  ours: Arm
  theirs: Arm
  /** Throws unless both sides give the same result; runs before anything is timed. */
  equal: () => void | Promise<void>
  rounds?: number
  /** Least ratio that the lower end of the interval must reach. */
  goal?: number
}

export type Pair = { ours: number; theirs: number }

export type RaceResult = {
  oursMs: number
  theirsMs: number
  /** Time of theirs over time of ours, the median of paired rounds, with a 95 % bootstrap interval. */
  ratio: number
  low: number
  high: number
  met: boolean
}

/** Races two sides: equality first, a warm-up of each, then pairs in ABBA order so that drift falls on both alike. */
export async function race({ name, ours, theirs, equal, rounds = 6, goal }: Race): Promise<RaceResult> {
  await equal()
  await ours.run()
  await theirs.run()
  const pairs: Pair[] = []
  const cpu = { ours: [] as number[], theirs: [] as number[] }
  const own = () => measured(ours, cpu.ours)
  const other = () => measured(theirs, cpu.theirs)
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await own()
      pairs.push({ ours: first, theirs: await other() })
    } else {
      const first = await other()
      pairs.push({ theirs: first, ours: await own() })
    }
  }
  return tellRace({ name, ours: ours.name, theirs: theirs.name, goal }, pairs, cpuRatio(cpu.theirs, cpu.ours))
}

/** Prints and returns what pairs of times say; `further` ends the line. */
export function tellRace(
  { name, ours, theirs, goal }: { name: string; ours: string; theirs: string; goal?: number },
  pairs: readonly Pair[],
  further = '',
): RaceResult {
  const ratios = pairs.map((pair) => pair.theirs / pair.ours)
  const { low, high } = medianInterval(ratios)
  const result = {
    oursMs: quantile(
      pairs.map((pair) => pair.ours),
      0.5,
    ),
    theirsMs: quantile(
      pairs.map((pair) => pair.theirs),
      0.5,
    ),
    ratio: quantile(ratios, 0.5),
    low,
    high,
    met: goal === undefined || low >= goal,
  }
  console.log(
    `${name}: ${ours} ${shown(result.oursMs)}, ${theirs} ${shown(result.theirsMs)}, ` +
      `ratio ${times(result.ratio)} [${times(low)}, ${times(high)}] over ${pairs.length} pairs` +
      further +
      (goal === undefined ? '' : ` (goal ${goal}: ${result.met ? 'met' : 'NOT met'})`),
  )
  return result
}

/** Near one a tenth hides whether a goal of 0.97 is met. */
function times(ratio: number): string {
  return ratio.toFixed(ratio < 3 ? 2 : 1)
}

/** Runs an arm once, and notes the processor time that it took, all threads and ended programs together. */
async function measured(arm: Arm, into: number[]): Promise<number> {
  const before = processorMs()
  const ms = await arm.run()
  into.push(processorMs() - before)
  return ms
}

/** Processor time of this process and, where the system tells it, of programs that it started and that ended. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  try {
    // Fields 16 and 17, in hundredths of a second; the name before them may hold spaces.
    const stat = readFileSync('/proc/self/stat', 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (user + system) / 1000 + 10 * (Number(fields[13]) + Number(fields[14]))
  } catch {
    return (user + system) / 1000
  }
}

/** Processor times as a ratio: what a busy machine tells more truly than the clock. */
function cpuRatio(theirs: readonly number[], ours: readonly number[]): string {
  const [a, b] = [quantile(theirs, 0.5), quantile(ours, 0.5)]
  // A peer that runs on as a server of its own is not counted while it lives.
  return a < 20 || b < 20 ? '' : `; processor time ${shown(b)} and ${shown(a)}, ratio ${(a / b).toFixed(1)}`
}

/** 95 % percentile bootstrap interval of a median. */
export function medianInterval(values: readonly number[], resamples = 2000): { low: number; high: number } {
  const random = seededRandom('race')
  const medians = Float64Array.from({ length: resamples }, () =>
    quantile(
      values.map(() => random.pick(values)),
      0.5,
    ),
  )
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) }
}

function shown(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`
}

// COCO's twelve numbers from JSON files against pycocotools, faster-coco-eval and hotcoco, as whole processes and inside:
// node scripts/bench/coco-ap.ts [detections,…] [rounds] [peers,…]; pycocotools takes minutes at 500,000 detections
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshBuild } from '../../bin/built.mjs'
import { pythonTool } from '../../src/adapters/tools.ts'
import { quantile } from '../../src/core/stats/quantiles.ts'
import { detectionSet } from './coco/detection-set.ts'
import { peerPython } from './peers.ts'
import { medianInterval } from './race.ts'

if (!freshBuild('evaluate')) console.log('the command runs from its sources: node scripts/bootstrap.mjs builds it')
const sizes = (process.argv[2] ?? '36781,500000').split(',').map(Number)
const rounds = Number(process.argv[3] ?? 12)
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const python = peerPython()

type Peer = {
  name: string
  command: string[]
  /** Furthest that a number may be from pycocotools'. */
  tolerance: number
  /** Least whole-process ratio of wall time at 36,781 and at 500,000 detections. */
  goals: [small: number, large: number]
  /** One round takes seconds to minutes. */
  slow?: boolean
}
const peers: Peer[] = [
  { name: 'hotcoco', command: [python, beside('coco/peer.py'), 'hotcoco'], tolerance: 1e-9, goals: [1.5, 1.3] },
  {
    ...{ name: 'faster-coco-eval', command: [python, beside('coco/peer.py'), 'faster-coco-eval'], tolerance: 1e-9 },
    ...{ goals: [5, 12], slow: true },
  },
  {
    ...{ name: 'pycocotools', command: [pythonTool('python'), beside('coco/peer.py'), 'pycocotools'], tolerance: 0 },
    ...{ goals: [20, 80], slow: true },
  },
]
const wanted = peers.filter(({ name }) => process.argv[4]?.split(',').includes(name) ?? true)
const ours = [process.execPath, beside('coco/ours.mjs')]
/** What a user types: a table and a JSON file with COCO's twelve numbers, or with Ultralytics' and those by class too. */
const typed = ['coco', 'all'].map((metrics) => ({
  name: `sluice evaluate --metrics ${metrics}`,
  command: [process.execPath, beside('coco/ours-command.mjs'), metrics],
}))

type Run = { stats: number[]; inside: number; wall: number; cpu: number; peak: number }

/** One whole process: wall and CPU milliseconds, peak megabytes, and the milliseconds without start-up and imports. */
function run(command: string[], folder: string): Run {
  const text = execFileSync(python, [beside('measured.py'), ...command, folder], { encoding: 'utf8' })
  const { wallMs, cpuMs, peakMb, output } = JSON.parse(text) as {
    wallMs: number
    cpuMs: number
    peakMb: number
    output: string
  }
  const { stats, ms } = JSON.parse(output.slice(output.lastIndexOf('{'))) as { stats: number[]; ms: number }
  return { stats, inside: ms, wall: wallMs, cpu: cpuMs, peak: peakMb }
}

const furthest = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))

function raceAgainst({ name, command, goals, slow }: Peer, folder: string, size: number): boolean {
  const pairs = Array.from(
    { length: slow ? Math.max(1, Math.round(rounds / (size > 1e5 ? 12 : 4))) : rounds },
    (_, i) => {
      const first = run(i % 2 === 0 ? ours : command, folder)
      const second = run(i % 2 === 0 ? command : ours, folder)
      return i % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first }
    },
  )
  const ratio = (of: (run: Run) => number) => {
    const ratios = pairs.map((pair) => of(pair.theirs) / of(pair.ours))
    const { low, high } = medianInterval(ratios)
    return { low, text: `${quantile(ratios, 0.5).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]` }
  }
  const wall = ratio(({ wall }) => wall)
  const goal = goals[size > 1e5 ? 1 : 0]
  const peak = (of: 'ours' | 'theirs') => Math.max(...pairs.map((pair) => pair[of].peak)).toFixed(0)
  console.log(`against ${name}, ${pairs.length} interleaved pairs:
  our evaluator in a process of its own, wall ${wall.text}, CPU ${ratio(({ cpu }) => cpu).text}
  without start-up and imports, wall ${ratio(({ inside }) => inside).text}
  peak memory ${peak('ours')} MB, theirs ${peak('theirs')} MB`)
  const each = typed.map((mine) => raceCommand(mine, command, folder, goal, pairs.length))
  return each.every((met) => met)
}

/** A whole `sluice evaluate` beside the peer's twelve numbers alone; whether it reaches the goal too. */
function raceCommand(
  typed: { name: string; command: string[] },
  command: string[],
  folder: string,
  goal: number,
  rounds: number,
): boolean {
  const pairs = Array.from({ length: rounds }, (_, i) => {
    const first = run(i % 2 === 0 ? typed.command : command, folder)
    const second = run(i % 2 === 0 ? command : typed.command, folder)
    return i % 2 === 0 ? { mine: first, peer: second } : { mine: second, peer: first }
  })
  if (!(furthest(pairs[0]!.mine.stats, pairs[0]!.peer.stats) <= 1e-9)) throw new Error('the command says otherwise')
  const [wall, cpu] = (['wall', 'cpu'] as const).map((of) => {
    const ratios = pairs.map(({ mine, peer }) => peer[of] / mine[of])
    const { low, high } = medianInterval(ratios)
    return { low, text: `${quantile(ratios, 0.5).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]` }
  }) as [{ low: number; text: string }, { low: number; text: string }]
  const peak = (of: 'mine' | 'peer') => Math.max(...pairs.map((pair) => pair[of].peak)).toFixed(0)
  console.log(
    `  ${typed.name}: wall ${wall.text} (goal ${goal}: ${wall.low >= goal ? 'met' : 'NOT met'}), CPU ${cpu.text}, peak memory ${peak('mine')} and ${peak('peer')} MB`,
  )
  return wall.low >= goal
}

let met = true
for (const detections of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-coco-'))
  try {
    const size = { images: 5000, truths: 36_781, detections, classes: 80 }
    const { truth, results } = detectionSet(size, 42)
    writeFileSync(join(folder, 'gt.json'), JSON.stringify(truth))
    writeFileSync(join(folder, 'dt.json'), JSON.stringify(results))
    console.log(`${detections} detections, ${size.truths} objects, ${size.images} images, ${size.classes} classes`)
    const mine = run(ours, folder).stats
    const judge = wanted.at(-1)!
    const reference = run(judge.command, folder).stats
    const limit = Math.max(1e-12, judge.tolerance)
    if (!(furthest(mine, reference) <= limit)) throw new Error(`${furthest(mine, reference)} from ${judge.name}`)
    console.log(`all 12 numbers equal ${judge.name}'s, furthest ${furthest(mine, reference).toExponential(1)}`)
    for (const peer of wanted) {
      const far = peer === judge ? 0 : furthest(run(peer.command, folder).stats, reference)
      if (!(far <= peer.tolerance)) throw new Error(`${peer.name} is ${far} from pycocotools`)
      met = raceAgainst(peer, folder, detections) && met
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exitCode = met ? 0 : 1

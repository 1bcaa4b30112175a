// COCO average precision against pycocotools: node scripts/bench/coco-ap.ts [detections] [rounds]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonTool } from '../../src/adapters/tools.ts'
import { detectionSet } from './coco/detection-set.ts'
import { race } from './race.ts'

const detections = Number(process.argv[2] ?? 36_781)
const rounds = Number(process.argv[3] ?? 4)
const size = { images: 5000, truths: 36_781, detections, classes: 80 }
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-coco-'))

type Answer = { stats: number[]; ms: number }
const evaluateArgs = ['--truth', join(folder, 'gt.json'), '--predictions', join(folder, 'dt.json')]
const programs = {
  ours: [process.execPath, beside('coco/ours.ts'), folder],
  command: [process.execPath, beside('../../bin/sluice.mjs'), 'evaluate', ...evaluateArgs],
  theirs: [pythonTool('python'), beside('coco/reference.py'), folder],
} satisfies Record<string, [string, ...string[]]>

/** Runs a program to its end; its output and the milliseconds of the whole process. */
function run([program, ...args]: string[]): { output: string; ms: number } {
  const started = performance.now()
  const output = execFileSync(program as string, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return { output, ms: performance.now() - started }
}

const answerOf = (program: string[]) => JSON.parse(run(program).output) as Answer

function requireEqual(a: number[], b: number[]): void {
  const furthest = Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))
  if (a.length !== 12 || !(furthest <= 1e-12)) throw new Error(`the twelve numbers differ by ${furthest}`)
  console.log(`all 12 numbers equal pycocotools' (furthest ${furthest.toExponential(1)}), AP ${a[0]?.toFixed(9)}`)
}

try {
  const { truth, results } = detectionSet(size, 42)
  writeFileSync(join(folder, 'gt.json'), JSON.stringify(truth))
  writeFileSync(join(folder, 'dt.json'), JSON.stringify(results))
  console.log(`${size.detections} detections, ${size.truths} objects, ${size.images} images, ${size.classes} classes`)
  const theirs = answerOf(programs.theirs)
  const inside = await race({
    name: 'files to twelve numbers, without start-up',
    equal: () => requireEqual(answerOf(programs.ours).stats, theirs.stats),
    ours: { name: 'sluice', run: () => answerOf(programs.ours).ms },
    theirs: { name: 'pycocotools', run: () => answerOf(programs.theirs).ms },
    rounds,
    goal: 20,
  })
  const whole = await race({
    name: 'whole process; ours is `sluice evaluate`, which scores by Ultralytics too',
    equal: () => {
      run([...programs.command, '--json', join(folder, 'e.json')])
      requireEqual(JSON.parse(readFileSync(join(folder, 'e.json'), 'utf8')).coco.stats, theirs.stats)
    },
    ours: { name: 'sluice', run: () => run(programs.command).ms },
    theirs: { name: 'pycocotools', run: () => run(programs.theirs).ms },
    rounds,
    goal: 10,
  })
  process.exitCode = inside.met && whole.met ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

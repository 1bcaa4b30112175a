// How often intervals of two equal models hold their true difference, zero, and how often a gate fails the candidate,
// with hotcoco's intervals on the same sets: node scripts/bench/coverage.ts [experiments] [pairs for hotcoco]
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compareModels } from '../../src/core/compare/models.ts'
import { decideDifference } from '../../src/core/judge/decide.ts'
import type { DetectionColumns, TruthColumns } from '../../src/core/metrics/columns.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { classCount, equalModels } from './coco/equal-models.ts'
import { peerPython } from './peers.ts'

const experiments = Number(process.argv[2] ?? 200)
const pairs = Math.min(experiments, Number(process.argv[3] ?? 60))
const resamples = 400
const classNames = Array.from({ length: classCount }, (_, c) => `class ${c}`)
const gate = { measure: 'map', unit: 'AP', limit: -0.02, direction: 'at least' } as const

type Ends = { low: number; high: number }
const holds = ({ low, high }: Ends) => low <= 0 && high >= 0
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** Intervals of one pair of equal models, and whether a gate with a margin of two points fails the candidate. */
function judged(models: ReturnType<typeof equalModels>, perScene: number, seed: number) {
  const { imageCount } = models.truth
  const common = {
    ...{ ...models, classNames, resamples, seed },
    imageNames: Array.from({ length: imageCount }, (_, i) => `${i}`),
    clusters: Int32Array.from({ length: imageCount }, (_, i) => Math.floor(i / perScene)),
  }
  const [percentile, bca] = (['percentile', 'bca'] as const).map(
    (interval) => compareModels({ ...common, interval }).overall,
  )
  const verdicts = [percentile, bca].map((d) => decideDifference(d!.difference.value, d!.bounds ?? null, gate).verdict)
  return {
    percentile: percentile!.difference as unknown as Ends,
    bca: bca!.difference as unknown as Ends,
    fails: verdicts.map((verdict) => (verdict === 'fail' ? 1 : 0)),
  }
}

function cocoFiles(folder: string, { truth, baseline, candidate }: ReturnType<typeof equalModels>): void {
  mkdirSync(folder)
  const box = ({ x, y, w, h }: TruthColumns | DetectionColumns, row: number) => [x[row], y[row], w[row], h[row]]
  const place = (columns: TruthColumns | DetectionColumns, row: number) => ({
    ...{ image_id: columns.image[row]! + 1, category_id: columns.classId[row]! + 1, bbox: box(columns, row) },
  })
  const rows = (columns: { count: number }) => Array.from({ length: columns.count }, (_, row) => row)
  const gt = {
    images: Array.from({ length: truth.imageCount }, (_, i) => ({ id: i + 1, width: 500, height: 100 })),
    categories: classNames.map((name, c) => ({ id: c + 1, name })),
    annotations: rows(truth).map((row) => ({ id: row + 1, ...place(truth, row), area: truth.area[row], iscrowd: 0 })),
  }
  const found = (columns: DetectionColumns) =>
    rows(columns).map((row) => ({ ...place(columns, row), score: columns.score[row] }))
  for (const [name, value] of Object.entries({ gt, a: found(baseline), b: found(candidate) }))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(value))
}

let honest = true
for (const [scenes, perScene] of [
  [100, 1],
  [60, 4],
  [12, 4],
] as const) {
  const random = seededRandom(`equal models in ${scenes} scenes`)
  const answers = Array.from({ length: experiments }, (_, i) =>
    judged(equalModels(random, scenes, perScene), perScene, i),
  )
  const share = (of: (answer: (typeof answers)[number]) => boolean) => answers.filter(of).length / experiments
  const [percentile, bca] = [share((a) => holds(a.percentile)), share((a) => holds(a.bca))]
  const fails = [0, 1].map((k) => share((a) => a.fails[k] === 1))
  console.log(
    `${scenes} scenes of ${perScene}, ${experiments} pairs of equal models: 95 % intervals hold zero in ${percent(percentile)} (percentile), ${percent(bca)} (BCa); a gate of 2 points fails ${percent(fails[0]!)} and ${percent(fails[1]!)}`,
  )
  // Two standard errors of the simulation beside the span that is wanted.
  const slack = 2 * Math.sqrt((0.95 * 0.05) / experiments)
  honest =
    honest &&
    percentile >= 0.93 - slack &&
    percentile <= 0.97 + slack &&
    fails[0]! <= 0.01 + 2 * Math.sqrt(0.01 / experiments)
  if (perScene > 1) continue
  const folder = mkdtempSync(join(tmpdir(), 'sluice-coverage-'))
  try {
    const again = seededRandom(`equal models in ${scenes} scenes`)
    for (let i = 0; i < pairs; i++) cocoFiles(join(folder, String(i)), equalModels(again, scenes, perScene))
    const script = fileURLToPath(new URL('coco/compare-many.py', import.meta.url))
    const theirs = JSON.parse(
      execFileSync(peerPython(), [script, folder, `${resamples}`], { encoding: 'utf8' }),
    ) as Ends[]
    const width = ({ low, high }: Ends) => high - low
    const ratio = theirs.reduce((sum, ends, i) => sum + width(ends) / width(answers[i]!.percentile), 0) / pairs
    const alarms = theirs.filter((ends) => !holds(ends)).length / pairs
    const ours = answers.slice(0, pairs).filter((a) => !holds(a.percentile)).length / pairs
    console.log(
      `  the first ${pairs} of them: hotcoco's intervals are ${ratio.toFixed(2)} times as wide as ours and call ${percent(alarms)} of equal models different, ours ${percent(ours)}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exitCode = honest ? 0 : 1

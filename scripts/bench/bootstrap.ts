// One paired bootstrap resample of COCO's numbers against hotcoco's compare, which scores a subset where ours weighs
// images: node scripts/bench/bootstrap.ts [detections,…] [rounds]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resampleDifference } from '../../src/core/compare/model-bootstrap.ts'
import { compareStats, statNames } from '../../src/core/compare/model-stats.ts'
import { readDetectionsFile, readTruthFile } from '../../src/core/metrics/coco-json.ts'
import { detectionSet } from './coco/detection-set.ts'
import { peerPython } from './peers.ts'
import { race } from './race.ts'

const sizes = (process.argv[2] ?? '36781,500000').split(',').map(Number)
const rounds = Number(process.argv[3] ?? 5)
const script = fileURLToPath(new URL('coco/compare-peer.py', import.meta.url))

let met = true
for (const detections of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-bootstrap-'))
  try {
    const size = { images: 5000, truths: 36_781, detections, classes: 80 }
    const { truth: gt, results } = detectionSet(size, 42)
    // The second model sees the same, with one detection in ten gone and each score a little lower.
    const second = results.flatMap((found, i) => (i % 10 === 3 ? [] : [{ ...found, score: found.score * 0.9 }]))
    for (const [name, value] of Object.entries({ gt, dt: results, dt2: second })) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(value))
    }
    const coco = readTruthFile(Buffer.from(JSON.stringify(gt)), 'gt')
    const read = (list: unknown) => readDetectionsFile(Buffer.from(JSON.stringify(list)), 'dt', coco).detections
    const { truth } = coco
    const clusters = Int32Array.from({ length: truth.imageCount }, (_, i) => i)
    const models = { truth, baseline: read(results), candidate: read(second), clusters }
    const arms = { baseline: [models.baseline], candidate: [models.candidate] }
    const settings = { seed: 1, level: 0.95, unit: 'image' as const }
    const timed = (work: () => void) => {
      const began = performance.now()
      work()
      return performance.now() - began
    }
    const [few, many] = detections > 1e5 ? [2, 22] : [10, 110]
    const most = detections > 1e5 ? 102 : 310
    const hotcoco = () =>
      JSON.parse(execFileSync(peerPython(), [script, folder, `${few}`, `${many}`], { encoding: 'utf8' })) as {
        ms: number
        a: Record<string, number>
        b: Record<string, number>
      }
    const perResample = (work: (resamples: number) => void) =>
      (timed(() => work(most)) - timed(() => work(few))) / (most - few)
    const equal = () => {
      const ours = compareStats({ ...models, ...settings, resamples: 2 })
      const { a, b } = hotcoco()
      ours.forEach(({ stat, baseline, candidate }) => {
        const far = Math.max(Math.abs(baseline - a[stat]!), Math.abs(candidate - b[stat]!))
        if (!(far <= 1e-9)) throw new Error(`${stat} differs by ${far}`)
      })
      console.log(
        `${detections} detections: both models have hotcoco's ${ours.length} numbers (${statNames.length} wanted)`,
      )
    }
    const theirs = { name: 'hotcoco (12)', run: () => hotcoco().ms }
    const twelve = await race({
      ...{ name: 'one paired resample of twelve numbers', equal, rounds, goal: detections > 1e5 ? 3 : 1.5, theirs },
      ours: { name: 'sluice', run: () => perResample((n) => compareStats({ ...models, ...settings, resamples: n })) },
    })
    const one = await race({
      ...{ name: 'one paired resample of AP alone', equal: () => {}, rounds, goal: detections > 1e5 ? 15 : 5, theirs },
      ours: {
        name: 'sluice',
        run: () =>
          perResample((n) => resampleDifference(truth, arms, clusters, { resamples: n, seed: 1, thresholds: 10 })),
      },
    })
    met = met && twelve.met && one.met
    const thousand = timed(() =>
      resampleDifference(truth, arms, clusters, { resamples: 1000, seed: 1, thresholds: 10 }),
    )
    console.log(`1,000 paired resamples of AP, matching included, one thread: ${(thousand / 1000).toFixed(1)} s`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.exitCode = met ? 0 : 1

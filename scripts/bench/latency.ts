// One model against itself, and against itself kept busy 5 % longer: node scripts/bench/latency.ts [size] [limit]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createImages } from '../../src/adapters/images.ts'
import { createLatencyMeasure } from '../../src/adapters/onnx/latency.ts'
import { latencyTarget } from '../../src/adapters/onnx/latency-target.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { slowdownOf } from '../../src/core/compare/latency.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { bench } from '../../src/steps/bench.ts'

const size = process.argv[2] ?? '160'
const limit = Number(process.argv[3] ?? 1.05)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-latency-'))
const artifact = join(folder, 'model.onnx')

async function measured(name: string, slowdown: number | undefined, wanted: string): Promise<boolean> {
  const started = performance.now()
  const { body } = await bench(
    { measure: createLatencyMeasure(), storage: createStorage() },
    {
      baseline: { name: 'model', artifact },
      candidate: { name: 'itself', artifact },
      images: [0, 1, 2, 3].map((i) => join(folder, `${i}.png`)),
      serving: {
        imageSize: Number(size),
        channels: 'RGB',
        confidence: 0.25,
        iou: 0.7,
        maxDetections: 300,
        multiLabel: false,
      },
      threads: 1,
      target: latencyTarget('cpu', 1),
      settle: { p50: limit },
      slowdown,
    },
  )
  const { ratioP50, bounds, noise, clock } = body
  const found = bounds ? slowdownOf(bounds.p50, limit) : 'open'
  console.log(
    `${name}: ${found} (wanted: ${wanted}); ratio ${ratioP50.value} [${ratioP50.low}, ${ratioP50.high}], ` +
      `bounds ${bounds?.p50.lower99} and ${bounds?.p50.upper95}, ${ratioP50.n} runs an arm, ` +
      `${body.arms[0]?.p50Ms} ms, by ${clock}, spread of runs ${(100 * noise.betweenRunsCv).toFixed(1)} %, ` +
      `${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  for (const sign of noise.signs ?? []) console.log(`  noise: ${sign}`)
  return found === wanted
}

try {
  const reference = fileURLToPath(new URL('inference/reference.py', import.meta.url))
  execFileSync(pythonTool('python'), [reference, 'make', folder, size], { stdio: 'ignore' })
  const random = seededRandom('latency')
  for (let i = 0; i < 4; i++) {
    const rgb = Uint8Array.from({ length: 320 * 320 * 3 }, () => random.int(256))
    writeFileSync(join(folder, `${i}.png`), await createImages().encodePng({ width: 320, height: 320, rgb }))
  }
  const same = await measured('A against A', undefined, 'not slower')
  const slower = await measured('A against A, 5 % slower', 1.05, 'slower')
  process.exitCode = same && slower ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// From picture to boxes against Python (OpenCV, ONNX Runtime, Ultralytics): node scripts/bench/inference.ts [size] [rounds]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { pythonTool } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { race } from './race.ts'

const size = process.argv[2] ?? '320'
const rounds = Number(process.argv[3] ?? 4)
const beside = (name: string) => fileURLToPath(new URL(`inference/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-inference-'))

type Part = 'decode' | 'preprocess' | 'inference' | 'postprocess'
type Answer = { ms: Record<Part, number>; boxes: number[][][] }
const sides = {
  ours: () => answer(process.execPath, [beside('ours.ts'), folder, size]),
  theirs: () => answer(pythonTool('python'), [beside('reference.py'), 'run', folder, size]),
}

function answer(program: string, args: string[]): Answer {
  const output = execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return JSON.parse(output.trim().split('\n').at(-1) as string) as Answer
}

/** The same pictures as JPEG, smoothed as photographs are: noise would time the entropy decoder alone. */
async function encodePictures(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    const raw = sharp(readFileSync(join(folder, `${i}.bin`)), { raw: { width: 960, height: 960, channels: 3 } })
    writeFileSync(join(folder, `${i}.jpg`), await raw.blur(2).jpeg({ quality: 90 }).toBuffer())
  }
}

/** Noise without flat regions or padding, which would give many boxes of one score. */
function drawPictures(): void {
  const random = seededRandom('inference')
  for (let i = 0; i < 8; i++) {
    writeFileSync(
      join(folder, `${i}.bin`),
      Uint8Array.from({ length: 960 * 960 * 3 }, () => random.int(256)),
    )
  }
}

/** The best 20 boxes of each picture: further down an untrained model's scores tie, and ties have no defined order. */
function requireEqual(): void {
  const [ours, theirs] = [sides.ours().boxes, sides.theirs().boxes]
  const best = theirs.flatMap((boxes, i) => boxes.slice(0, 20).map((box) => ({ box, own: ours[i] ?? [] })))
  const near = (a: number[], b: number[]) => a.every((side, k) => Math.abs(side - (b[k] ?? 0)) < 0.05)
  const alone = best.filter(({ box, own }) => !own.some((other) => near(box, other))).length
  if (best.length === 0 || alone > 0) throw new Error(`${alone} of ${best.length} boxes have no equal`)
  console.log(`the best ${best.length} boxes are equal within 0.05 px`)
}

try {
  drawPictures()
  await encodePictures()
  execFileSync(pythonTool('python'), [beside('reference.py'), 'make', folder, size], { stdio: 'ignore' })
  requireEqual()
  const parts: [string, Part[], number][] = [
    ['JPEG to pixels', ['decode'], 0.77],
    ['letterbox, before the model', ['preprocess'], 0.77],
    ['decode and suppress, after it', ['postprocess'], 0.77],
    ['model', ['inference'], 0.97],
    ['picture to boxes', ['preprocess', 'inference', 'postprocess'], 0.97],
  ]
  for (const [name, of, goal] of parts) {
    const arm = (side: () => Answer) => () => {
      const { ms } = side()
      return of.reduce((sum, part) => sum + ms[part], 0)
    }
    await race({
      name,
      ours: { name: 'sluice', run: arm(sides.ours) },
      theirs: { name: 'Python', run: arm(sides.theirs) },
      equal: () => {},
      rounds,
      goal,
    })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

// From picture to boxes against Python (OpenCV, ONNX Runtime, Ultralytics): node scripts/bench/inference.ts [size] [rounds]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { pythonTool } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { tellRace } from './race.ts'

const size = process.argv[2] ?? '320'
const rounds = Number(process.argv[3] ?? 12)
const beside = (name: string) => fileURLToPath(new URL(`inference/${name}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-inference-'))

type Part = 'decode' | 'preprocess' | 'inference' | 'postprocess'
type Answer = { ms: Record<Part, number>; boxes: number[][][] }
/** Files to boxes: milliseconds and processor milliseconds a picture, peak memory after half of the pictures and after all. */
type Whole = { ms: number; cpuMs: number; halfMiB: number; peakMiB: number; boxes: number[][][] }
type Sides<T> = Record<'ours' | 'theirs', () => T>
const parts: Sides<Answer> = {
  ours: () => answer(process.execPath, [beside('ours.ts'), folder, size]),
  theirs: () => answer(pythonTool('python'), [beside('reference.py'), 'run', folder, size]),
}
const whole: Sides<Whole> = {
  ours: () => answer(process.execPath, [beside('ours-whole.ts'), folder, size]),
  theirs: () => answer(pythonTool('python'), [beside('reference.py'), 'whole', folder, size]),
}

function answer<T>(program: string, args: string[]): T {
  const output = execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return JSON.parse(output.trim().split('\n').at(-1) as string) as T
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
function requireEqual(name: string, sides: Sides<{ boxes: number[][][] }>): void {
  const [ours, theirs] = [sides.ours().boxes, sides.theirs().boxes]
  const best = theirs.flatMap((boxes, i) => boxes.slice(0, 20).map((box) => ({ box, own: ours[i] ?? [] })))
  const near = (a: number[], b: number[]) => a.every((side, k) => Math.abs(side - (b[k] ?? 0)) < 0.05)
  const alone = best.filter(({ box, own }) => !own.some((other) => near(box, other))).length
  if (best.length === 0 || alone > 0) throw new Error(`${name}: ${alone} of ${best.length} boxes have no equal`)
  console.log(`${name}: the best ${best.length} boxes are equal within 0.05 px`)
}

/** Both sides in turn, A B then B A, so that drift of the machine falls on both alike. */
function pairsOf<T>({ ours, theirs }: Sides<T>): { ours: T; theirs: T }[] {
  return Array.from({ length: rounds }, (_, round) => {
    const first = round % 2 === 0 ? ours() : theirs()
    return round % 2 === 0 ? { ours: first, theirs: theirs() } : { theirs: first, ours: ours() }
  })
}

function tell<T>(name: string, pairs: { ours: T; theirs: T }[], of: (side: T) => number, goal?: number): boolean {
  const numbers = pairs.map((pair) => ({ ours: of(pair.ours), theirs: of(pair.theirs) }))
  return tellRace({ name, ours: 'sluice', theirs: 'Python', goal }, numbers).met
}

try {
  drawPictures()
  await encodePictures()
  execFileSync(pythonTool('python'), [beside('reference.py'), 'make', folder, size], { stdio: 'ignore' })
  requireEqual('pixels to boxes', parts)
  requireEqual('files to boxes', whole)
  const inParts = pairsOf(parts)
  const sum =
    (...of: Part[]) =>
    ({ ms }: Answer) =>
      of.reduce((total, part) => total + ms[part], 0)
  const inWhole = pairsOf(whole)
  const met = [
    tell('JPEG to pixels', inParts, sum('decode'), 0.77),
    tell('letterbox, before the model', inParts, sum('preprocess'), 0.77),
    tell('decode and suppress, after it', inParts, sum('postprocess'), 0.77),
    tell('model', inParts, sum('inference'), 0.97),
    tell('pixels to boxes', inParts, sum('preprocess', 'inference', 'postprocess'), 0.97),
    tell('200 files to boxes, a picture', inWhole, ({ ms }) => ms, 1),
    tell('200 files to boxes, processor time a picture', inWhole, ({ cpuMs }) => cpuMs),
  ]
  const grown = Math.max(...inWhole.map(({ ours }) => ours.peakMiB - ours.halfMiB))
  const { peakMiB = 0 } = inWhole[0]?.ours ?? {}
  console.log(
    `memory of 200 files: ${peakMiB.toFixed(0)} MiB at most, ${grown.toFixed(0)} MiB of it in the second half`,
  )
  process.exitCode = met.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

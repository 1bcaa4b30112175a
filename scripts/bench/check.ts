// How fast a data set is read and checked, against Ultralytics' own check: node scripts/bench/check.ts [images]
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { readDataset } from '../../src/adapters/dataset.ts'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { race } from './race.ts'

type Answer = { ms: number; boxes: number; refused: string[] }

const count = Number(process.argv[2] ?? 2000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-check-'))
const names = ['a', 'b', 'c', 'd']

/** JPEGs of 640 × 480 px, eight boxes each; one file in fifty has a row that the loader refuses. */
async function draw(): Promise<void> {
  const random = seededRandom('bench check')
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 30 }
  for (const part of ['images/train', 'images/val', 'labels/train', 'labels/val'])
    mkdirSync(join(folder, part), { recursive: true })
  const pattern = await sharp({ create: { width: 640, height: 480, channels: 3, background: 'grey', noise } })
    .jpeg()
    .toBuffer()
  writeFileSync(join(folder, 'pattern.bin'), pattern)
  for (let i = 0; i < count; i++) {
    const split = i % 5 === 0 ? 'val' : 'train'
    copyFileSync(join(folder, 'pattern.bin'), join(folder, `images/${split}/${i}.jpg`))
    const rows = Array.from({ length: 8 }, () => {
      const place = [
        random.uniform(0.2, 0.8),
        random.uniform(0.2, 0.8),
        random.uniform(0.05, 0.3),
        random.uniform(0.05, 0.3),
      ]
      return `${random.int(4)} ${place.map((value) => value.toFixed(6)).join(' ')}`
    })
    if (i % 50 === 0)
      rows[3] = random.pick(['9 0.5 0.5 0.1 0.1', '0 1.5 0.5 0.1 0.1', '0 0.5 0.5 0.1', '0 x 0.5 0.1 0.1'])
    writeFileSync(join(folder, `labels/${split}/${i}.txt`), `${rows.join('\n')}\n`)
  }
  writeFileSync(
    join(folder, 'data.yaml'),
    `path: .\ntrain: images/train\nval: images/val\nnames: [${names.join(', ')}]\n`,
  )
}

function ours(): Answer {
  const start = performance.now()
  const { images, boxes, defects } = readDataset(folder)
  const refused = new Set(
    defects.filter((d) => d.code.startsWith('label-')).map((d) => d.image?.split('/').at(-1) ?? ''),
  )
  let kept = 0
  for (let row = 0; row < boxes.count; row++)
    if (!refused.has(images[boxes.image[row] as number]?.name.split('/').at(-1) ?? '')) kept++
  return { ms: performance.now() - start, boxes: kept, refused: [...refused].sort() }
}

await draw()
const script = fileURLToPath(new URL('check/loader.py', import.meta.url))
const env = toolEnvironment({ YOLO_CONFIG_DIR: folder, MPLCONFIGDIR: folder })
const loader = spawn(pythonTool('python'), [script, folder, String(names.length)], {
  env,
  stdio: ['pipe', 'pipe', 'ignore'],
})
const answers = createInterface({ input: loader.stdout })[Symbol.asyncIterator]()
const theirs = async (): Promise<Answer> => {
  loader.stdin.write('go\n')
  // The library greets on stdout; an answer is a line of JSON.
  for (;;) {
    const { value, done } = await answers.next()
    if (done) throw new Error('the loader ended without an answer')
    if (String(value).startsWith('{')) return JSON.parse(String(value)) as Answer
  }
}
try {
  const { met } = await race({
    name: `check of ${count} images and labels`,
    ours: { name: 'sluice', run: () => ours().ms },
    theirs: { name: 'Ultralytics', run: async () => (await theirs()).ms },
    equal: async () => {
      const [a, b] = [ours(), await theirs()]
      const same = a.boxes === b.boxes && a.refused.join() === b.refused.join()
      if (!same)
        throw new Error(
          `answers differ: ${a.boxes} and ${b.boxes} boxes, ${a.refused.length} and ${b.refused.length} refused`,
        )
    },
    goal: 5,
  })
  process.exitCode = met ? 0 : 1
  const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
  const start = performance.now()
  spawnSync(process.execPath, [bin, 'check', folder], { stdio: 'ignore' })
  console.log(`whole command with all rules and hashes: ${Math.round(performance.now() - start)} ms`)
} finally {
  loader.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}

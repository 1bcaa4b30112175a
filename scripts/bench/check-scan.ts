// How fast labels are scanned, whole and after a small change, whole processes: node scripts/bench/check-scan.ts [files]
import { spawnSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { type Drawn, drawLabelSet } from './check-scan/label-set.ts'
import { peerPython } from './peers.ts'
import { type Arm, race } from './race.ts'

const files = Number(process.argv[2] ?? 100_000)
/** What the generator makes of 100,000 files; another sum means that it, or what it draws by, has changed. */
const expected: Drawn = { files: 100_000, boxes: 730_505, defective: 878 }
const classCount = '80'
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-scan-'))
const beside = (name: string) => fileURLToPath(new URL(`check-scan/${name}`, import.meta.url))
// As bin/sluice.mjs does: compiled programs are kept, so that a start costs what it costs a user.
const kept = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
const env = toolEnvironment({ YOLO_CONFIG_DIR: folder, MPLCONFIGDIR: folder, ...kept })

/** Runs a program to its end; its wall time and last line of output. */
function timed(program: string, args: string[], cwd = folder, allowed = [0]): { ms: number; line: string } {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  const ms = performance.now() - start
  if (!allowed.includes(status ?? -1)) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr.slice(-500)}`)
  return { ms, line: stdout.trimEnd().split('\n').at(-1) ?? '' }
}
const arm = (name: string, program: string, args: string[], allowed?: number[]): Arm => ({
  name,
  run: () => timed(program, args, folder, allowed).ms,
})
type Counts = { boxes: number; bad: number; duplicated: number; empty: number; rss?: number; defective?: string[] }
const counts = (program: string, args: string[]) => JSON.parse(timed(program, args).line) as Counts

function same(a: Counts, b: Counts): void {
  for (const key of ['boxes', 'bad', 'duplicated', 'empty'] as const) {
    if (a[key] !== b[key]) throw new Error(`${key}: ${a[key]} and ${b[key]}`)
  }
}

const results: boolean[] = []
try {
  const set = join(folder, 'set')
  const drawn = drawLabelSet(set, files)
  if (files === expected.files && JSON.stringify(drawn) !== JSON.stringify(expected))
    throw new Error(JSON.stringify(drawn))
  await whole(set)
  await withImages(join(folder, 'small'), Math.min(files, 10_000))
  await changed(set)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = results.every(Boolean) ? 0 : 1

/** All rules over labels alone, against a numpy scan and against only opening and reading the files. */
async function whole(set: string): Promise<void> {
  const ours = [beside('ours.ts'), set]
  const numpy = [beside('numpy_scan.py'), set, classCount]
  const { defective: _, ...found } = counts(process.execPath, [...ours, '--counts'])
  console.log(`${JSON.stringify(found)} (rss in MiB, at most 1024)`)
  results.push((found.rss ?? Number.POSITIVE_INFINITY) < 1024)
  const { met } = await race({
    name: `all rules over ${files} label files`,
    ours: arm('sluice', process.execPath, ours),
    theirs: arm('numpy', peerPython(), numpy),
    equal: () => same(found, counts(peerPython(), numpy)),
    ...{ goal: 30, rounds: 3 },
  })
  results.push(met)
  const floor = join(folder, 'read-floor')
  if (spawnSync('cc', ['-O2', '-pthread', '-o', floor, beside('read_floor.c')]).status !== 0) {
    console.log('reading alone was not raced: there is no C compiler')
    return
  }
  const reading = await race({
    name: 'the same against open, read and close in C on two threads',
    ours: arm('sluice', process.execPath, ours),
    theirs: arm('C', floor, [set, '2']),
    equal: () => {
      const { files: read } = JSON.parse(timed(floor, [set, '2']).line) as { files: number }
      if (read !== files) throw new Error(`C read ${read} files`)
    },
    ...{ goal: 1 / 1.5, rounds: 6 },
  })
  results.push(reading.met)
}

/** Peers that want images: a smaller set, each image a link to one picture. */
async function withImages(set: string, count: number): Promise<void> {
  drawLabelSet(set, count)
  const picture = join(set, 'picture.bin')
  writeFileSync(
    picture,
    await sharp({ create: { width: 64, height: 48, channels: 3, background: 'grey' } })
      .png()
      .toBuffer(),
  )
  for (const split of ['train', 'val']) {
    mkdirSync(join(set, 'images', split), { recursive: true })
    for (const label of readdirSync(join(set, 'labels', split)))
      linkSync(picture, join(set, 'images', split, label.replace('.txt', '.png')))
  }
  const ours = arm('sluice', process.execPath, [beside('ours.ts'), set])
  const panlabel = join(peerPython(), '..', 'panlabel')
  const equal = () =>
    same(
      counts(process.execPath, [beside('ours.ts'), set, '--counts']),
      counts(peerPython(), [beside('numpy_scan.py'), set, classCount]),
    )
  if (existsSync(panlabel)) {
    // It stops at the first defective file, and says so with an exit code other than 0: it is raced on sound files.
    const sound = join(folder, 'sound')
    timed('cp', ['-rl', set, sound])
    mend(sound, set)
    const { met } = await race({
      name: `all rules over ${count} sound label files and images`,
      ours: arm('sluice', process.execPath, [beside('ours.ts'), sound]),
      theirs: arm('panlabel validate', panlabel, ['validate', '--format', 'yolo', sound], [0, 1]),
      equal: () => {
        const { bad } = counts(process.execPath, [beside('ours.ts'), sound, '--counts'])
        if (bad > 0) throw new Error(`${bad} files are not sound`)
      },
      ...{ goal: 2, rounds: 6 },
    })
    results.push(met)
  }
  const loader = arm('Ultralytics', pythonTool('python'), [beside('ultralytics_scan.py'), set, classCount])
  const { met } = await race({
    name: `all rules over ${count} label files and images`,
    ours,
    theirs: loader,
    equal,
    goal: 20,
    rounds: 3,
  })
  results.push(met)
}

/** Empties the label files that are defective, in a copy made of links. */
function mend(sound: string, set: string): void {
  const { defective } = JSON.parse(timed(process.execPath, [beside('ours.ts'), set, '--counts']).line) as {
    defective: string[]
  }
  for (const file of defective) {
    rmSync(join(sound, file))
    writeFileSync(join(sound, file), '')
  }
}

/** A proposal that changes 500 label files of a git repository, with the cache that a check of its base left. */
async function changed(set: string): Promise<void> {
  const git = (...args: string[]) =>
    void timed('git', ['-c', 'gc.auto=0', '-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args], set)
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'base')
  git('repack', '-adq')
  const random = seededRandom('proposal')
  const labels = readdirSync(join(set, 'labels/train'))
  for (const label of random.shuffle(labels).slice(0, 500)) {
    const file = join(set, 'labels/train', label)
    writeFileSync(file, `${readFileSync(file, 'utf8')}5 0.500000 0.500000 0.123456 0.200000\n`)
  }
  git('commit', '-qam', 'head')
  const cache = join(folder, 'cache')
  const script = [beside('ours-revision.ts'), 'HEAD~1:./', 'HEAD:./']
  const run = (kept: string) => timed(process.execPath, [...script, kept], set)
  const { met } = await race({
    name: `check of 500 changed label files of ${files}, against a whole numpy scan`,
    ours: { name: 'sluice', run: () => run(cache).ms },
    theirs: arm('numpy', peerPython(), [beside('numpy_scan.py'), set, classCount]),
    equal: () => {
      const ids = [run('-'), run(cache), run(cache)].map(({ line }) => (JSON.parse(line) as { id: string }).id)
      if (new Set(ids).size !== 1) throw new Error(`documents differ: ${ids.join(', ')}`)
    },
    ...{ goal: 50, rounds: 3 },
  })
  results.push(met)
}

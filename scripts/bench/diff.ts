// `sluice diff` of two revisions, whole process, against `dvc diff` on the same repository: diff.ts [files]
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { dirManifest, md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { race } from './race.ts'

const count = Number(process.argv[2] ?? 100_000)
const changed = 500
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-diff-'))
const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: folder })
const env = toolEnvironment({
  DVC_SITE_CACHE_DIR: join(folder, '.dvc/tmp/site'),
  DVC_DAEMON: '0',
  DVC_NO_ANALYTICS: '1',
})
const dvc = (...args: string[]) =>
  spawnSync(pythonTool('dvc'), args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 28 })
const random = seededRandom('bench diff')

/** A label file of eight boxes. */
function labels(): Buffer {
  const value = () => random.uniform(0.2, 0.8).toFixed(6)
  const rows = Array.from({ length: 8 }, () => `${random.int(4)} ${value()} ${value()} 0.100000 0.100000\n`)
  return Buffer.from(rows.join(''))
}

function put(path: string, bytes: string | Uint8Array): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}

/** Objects, folder object and pointer, byte for byte as `dvc add` writes them (100,000 files take it minutes). */
function commit(files: ReadonlyMap<string, Buffer>, message: string): void {
  const entries = [...files].map(([path, bytes]) => {
    const md5 = md5Of(bytes)
    put(`.dvc/cache/${objectPath(md5)}`, bytes)
    return { path, md5 }
  })
  const { bytes, md5 } = dirManifest(entries)
  put(`.dvc/cache/${objectPath(md5)}`, bytes)
  const size = [...files.values()].reduce((sum, one) => sum + one.length, 0)
  put(
    'data/labels.dvc',
    `outs:\n- md5: ${md5}\n  size: ${size}\n  nfiles: ${entries.length}\n  hash: md5\n  path: labels\n`,
  )
  put('data/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames: [a, b, c, d]\n')
  git('add', '--all')
  git('commit', '--quiet', '-m', message)
}

function draw(): void {
  git('init', '--quiet')
  dvc('init', '--quiet')
  const files = new Map<string, Buffer>(
    Array.from({ length: count }, (_, i) => {
      const number = String(i).padStart(6, '0')
      return [`train/${number.slice(0, 3)}/${number}.txt`, labels()] as const
    }),
  )
  commit(files, 'base')
  const places = random.shuffle([...files.keys()]).slice(0, changed)
  for (const [i, place] of places.entries()) {
    if (i % 10 === 0) files.delete(place)
    else if (i % 10 === 1) files.set(place.replace('.txt', '-new.txt'), labels())
    else files.set(place, labels())
  }
  commit(files, 'head')
}

const result = join(folder, '.dvc/tmp/diff.json')
function ours() {
  const start = performance.now()
  const done = spawnSync(process.execPath, [bin, 'diff', 'HEAD~1:data', 'HEAD:data', '--json', result], {
    cwd: folder,
    encoding: 'utf8',
  })
  const ms = performance.now() - start
  if (done.status !== 0) throw new Error(done.stderr)
  const { byImage } = JSON.parse(readFileSync(result, 'utf8')) as { byImage: { image: string; change: string }[] }
  const of = (change: string) =>
    byImage
      .filter((entry) => entry.change === change)
      .map(({ image }) => image)
      .sort()
  return { ms, paths: [of('added'), of('removed'), of('modified')] }
}

function theirs() {
  const start = performance.now()
  const done = dvc('diff', 'HEAD~1', 'HEAD', '--json')
  const ms = performance.now() - start
  if (done.status !== 0) throw new Error(done.stderr)
  const diff = JSON.parse(done.stdout) as Record<string, { path: string }[]>
  const of = (key: string) =>
    (diff[key] ?? [])
      .flatMap(({ path }) => (path.endsWith('.txt') ? [path.slice('data/labels/'.length, -4)] : []))
      .sort()
  return { ms, paths: [of('added'), of('deleted'), of('modified')] }
}

try {
  draw()
  const { met } = await race({
    name: `difference of two revisions of ${count} label files, ${changed} changed`,
    ours: { name: 'sluice diff', run: () => ours().ms },
    theirs: { name: 'dvc diff', run: () => theirs().ms },
    equal: () => {
      const [a, b] = [ours().paths, theirs().paths]
      if (JSON.stringify(a) !== JSON.stringify(b))
        throw new Error(`answers differ: ${a.map((x) => x.length)} and ${b.map((x) => x.length)}`)
      console.log(
        `equal: ${a[0]?.length} added, ${a[1]?.length} removed, ${a[2]?.length} modified; sluice counts their boxes too`,
      )
    },
    rounds: 3,
    goal: 100,
  })
  process.exitCode = met ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

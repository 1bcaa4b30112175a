// Difference of two DVC folder objects of a million entries, against Python's json and dict: manifest.ts [entries]
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pythonTool } from '../../src/adapters/tools.ts'
import { diffManifests } from '../../src/core/compare/manifest-diff.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { dirManifest } from '../../src/core/documents/dvc.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { race } from './race.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-manifest-'))
const [base, head] = [join(folder, 'a.dir'), join(folder, 'b.dir')]

/** Half a per cent changed, added, removed and renamed, spread over the whole list. */
function draw(): void {
  const random = seededRandom('bench manifest')
  const hex = () =>
    Array.from({ length: 4 }, () =>
      random
        .int(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('')
  const before = Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(8, '0')
    return { md5: hex(), path: `images/train/${number.slice(0, 5)}/${number}.jpg` }
  })
  const after = before.flatMap((entry) => {
    const what = random.next()
    if (what < 0.00125) return []
    if (what < 0.0025) return [{ ...entry, md5: hex() }]
    if (what < 0.00375) return [{ ...entry, path: entry.path.replace('.jpg', '_renamed.jpg') }]
    if (what < 0.005) return [entry, { md5: hex(), path: entry.path.replace('.jpg', '_b.jpg') }]
    return [entry]
  })
  writeFileSync(base, dirManifest(before).bytes)
  writeFileSync(head, dirManifest(after).bytes)
}

function ours() {
  const start = performance.now()
  const { added, removed, modified, renamed } = diffManifests(readFileSync(base), readFileSync(head))
  const ms = performance.now() - start
  const path = (entry: { path: string }) => entry.path
  const parts = [added.map(path), removed.map(path), modified.map(path), renamed.map(({ from, to }) => `${from} ${to}`)]
  return {
    ms,
    counts: parts.map((part) => part.length),
    digest: sha256(parts.map((part) => part.sort().join(' ')).join('\n')),
  }
}

draw()
const script = fileURLToPath(new URL('manifest/reference.py', import.meta.url))
const python = spawn(pythonTool('python'), [script, base, head], { stdio: ['pipe', 'pipe', 'inherit'] })
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
const theirs = async () => {
  python.stdin.write('go\n')
  return JSON.parse(String((await answers.next()).value)) as ReturnType<typeof ours>
}
try {
  const { met } = await race({
    name: `difference of two manifests of ${count} entries`,
    ours: { name: 'sluice', run: () => ours().ms },
    theirs: { name: 'Python json and dict', run: async () => (await theirs()).ms },
    equal: async () => {
      const [a, b] = [ours(), await theirs()]
      if (a.digest !== b.digest) throw new Error(`answers differ: ${a.counts} and ${b.counts}`)
      console.log(
        `equal: ${a.counts[0]} added, ${a.counts[1]} removed, ${a.counts[2]} modified, ${a.counts[3]} renamed`,
      )
    },
    goal: 15,
  })
  process.exitCode = met ? 0 : 1
} finally {
  python.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}

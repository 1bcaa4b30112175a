// All pairs of hashes within a radius against faiss's flat binary index: node scripts/bench/near-pairs.ts [hashes]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NearPairs, nearPairs } from '../../src/core/dataset/near-pairs.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { startPeer } from './images/peer.ts'
import { race } from './race.ts'

const count = Number(process.argv[2] ?? 100_000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-pairs-'))

/** Random hashes, a fifth of them up to 8 bits from another. */
function plant(): Uint32Array {
  const random = seededRandom('bench pairs')
  const words = Uint32Array.from({ length: 2 * count }, () => random.int(2 ** 32))
  for (let i = Math.floor(count * 0.8); i < count; i++) {
    const from = random.int(Math.floor(count / 2))
    words.set(words.subarray(2 * from, 2 * from + 2), 2 * i)
    for (let flips = random.int(9); flips > 0; flips--) words[2 * i + random.int(2)]! ^= 1 << random.int(32)
  }
  return words
}

const words = plant()
const [hashes, out] = [join(folder, 'hashes.bin'), join(folder, 'pairs.bin')]
writeFileSync(hashes, new Uint8Array(words.buffer))
const threads = Math.min(2, availableParallelism())
const peer = startPeer<{ ms: number; pairs: number }>('pairs.py', hashes, String(threads))
let met = true
try {
  for (const radius of [6, 8]) {
    const ours = () => {
      const start = performance.now()
      const pairs = nearPairs(words, radius)
      return { ms: performance.now() - start, pairs }
    }
    const result = await race({
      name: `pairs of ${count} hashes within ${radius} bits`,
      ours: { name: 'sluice (1 thread)', run: () => ours().ms },
      theirs: { name: `faiss (${threads} threads)`, run: async () => (await peer.ask(`${radius} ${out}`)).ms },
      equal: async () => {
        const { pairs } = await peer.ask(`${radius} ${out}`)
        const theirs = new Uint32Array(new Uint8Array(readFileSync(out)).buffer)
        if (!same(ours().pairs, theirs)) throw new Error('pairs differ')
        console.log(`the same ${pairs} pairs`)
      },
      rounds: 5,
      goal: 5,
    })
    met &&= result.met
  }
  process.exitCode = met ? 0 : 1
} finally {
  peer.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Whether pairs equal a sorted list of triples a, b, distance. */
function same({ count: found, a, b, distance }: NearPairs, triples: Uint32Array): boolean {
  if (found * 3 !== triples.length) return false
  const order = Array.from({ length: found }, (_, k) => k)
  order.sort((x, y) => (a[x] as number) - (a[y] as number) || (b[x] as number) - (b[y] as number))
  return order.every(
    (k, i) => a[k] === triples[3 * i] && b[k] === triples[3 * i + 1] && distance[k] === triples[3 * i + 2],
  )
}

// Perceptual hashes (with the rest of a look) against imagehash, one thread each: node scripts/bench/image-hashes.ts [photos]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookAtFile } from '../../src/adapters/dataset/look-file.ts'
import { hashWords, nearPairs } from '../../src/core/dataset/near-pairs.ts'
import { startPeer } from './images/peer.ts'
import { drawSet } from './images/photos.ts'
import { race } from './race.ts'

type Answer = { ms: number; hashes: string[] }

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-hashes-'))
const { files, origin } = await drawSet(folder, Number(process.argv[2] ?? 240))
const ours = async (): Promise<Answer> => {
  const start = performance.now()
  const hashes: string[] = []
  for (const file of files) {
    const seen = await lookAtFile(join(folder, file))
    if (!('look' in seen)) throw new Error(`${file} was not read`)
    hashes.push(seen.look.phash)
  }
  return { ms: performance.now() - start, hashes }
}
const pairsOf = (hashes: string[], radius: number) => {
  const { a, b, count } = nearPairs(hashWords(hashes), radius)
  return Array.from({ length: count }, (_, k) => `${files[a[k] as number]} ${files[b[k] as number]}`).sort()
}
const peer = startPeer<Answer>('hashes.py', folder)
try {
  const { met } = await race({
    name: `looks at ${files.length} JPEGs of 640 × 480 and more`,
    ours: { name: 'sluice', run: async () => (await ours()).ms },
    theirs: { name: 'imagehash', run: async () => (await peer.ask('go')).ms },
    equal: async () => {
      const [a, b] = [pairsOf((await ours()).hashes, 8), pairsOf((await peer.ask('go')).hashes, 8)]
      const planted = files.flatMap((file, i) =>
        i > 0 && origin[i] === origin[i - 1] ? [`${files[i - 1]} ${file}`] : [],
      )
      if (a.join() !== b.join() || a.join() !== planted.sort().join())
        throw new Error(`pairs differ: ${a.length} here, ${b.length} there, ${planted.length} planted`)
      console.log(`the same ${a.length} pairs within 8 bits: re-encoded, enlarged and slightly cropped copies`)
    },
    rounds: 12,
    goal: 3,
  })
  process.exitCode = met ? 0 : 1
} finally {
  peer.stop()
  rmSync(folder, { recursive: true, force: true })
}

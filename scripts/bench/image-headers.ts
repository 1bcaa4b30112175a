// Image headers and ends against Pillow's verify, one thread each: node scripts/bench/image-headers.ts [images]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { imageFacts } from '../../src/adapters/dataset/image-facts.ts'
import { listTree } from '../../src/adapters/dataset/tree.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { startPeer } from './images/peer.ts'
import { drawPhoto } from './images/photos.ts'
import { race } from './race.ts'

type Answer = { ms: number; sizes: ([number, number] | null)[] }

const count = Number(process.argv[2] ?? 3000)
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-headers-'))

/** Photographs of 640 × 480, some turned; one in twenty-five cut off, empty or a page of text. */
async function draw(): Promise<void> {
  const random = seededRandom('bench headers')
  const photos = await Promise.all(Array.from({ length: 12 }, (_, i) => drawPhoto(`header ${i}`)))
  const sound = await Promise.all(
    photos.map((photo, i) =>
      photo()
        .withMetadata({ orientation: i % 4 === 0 ? 6 : 1 })
        .jpeg({ quality: 85 })
        .toBuffer(),
    ),
  )
  for (let i = 0; i < count; i++) {
    const bytes = sound[i % sound.length] as Buffer
    const broken = i % 25 === 7 ? i % 3 : -1
    const content =
      broken === 0
        ? bytes.subarray(0, random.int(bytes.length - 1))
        : broken === 1
          ? ''
          : broken === 2
            ? '<html></html>'
            : bytes
    writeFileSync(join(folder, `${String(i).padStart(6, '0')}.jpg`), content)
  }
}

await draw()
const tree = listTree(folder)
const ours = (): Answer => {
  const start = performance.now()
  const sizes = tree.files.map((file): [number, number] | null => {
    const { width, height, defects } = imageFacts(tree, file, file, false)
    return defects.some(({ code }) => code === 'image-unreadable') ? null : [width, height]
  })
  return { ms: performance.now() - start, sizes }
}
const peer = startPeer<Answer>('verify.py', folder)
try {
  const { met } = await race({
    name: `headers of ${count} JPEGs`,
    ours: { name: 'sluice', run: () => ours().ms },
    theirs: { name: 'Pillow', run: async () => (await peer.ask('go')).ms },
    equal: async () => {
      const [a, b] = [ours().sizes, (await peer.ask('go')).sizes]
      const differ = a.flatMap((size, i) => (JSON.stringify(size) === JSON.stringify(b[i]) ? [] : [tree.files[i]]))
      if (differ.length > 0) throw new Error(`${differ.length} answers differ, first of ${differ[0]}`)
      if (!a.includes(null)) throw new Error('nothing was refused')
    },
    rounds: 12,
    goal: 6,
  })
  process.exitCode = met ? 0 : 1
} finally {
  peer.stop()
  rmSync(folder, { recursive: true, force: true })
}

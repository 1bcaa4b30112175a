import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp, { type Sharp } from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { imageFacts } from '../../src/adapters/dataset/image-facts.ts'
import { listTree } from '../../src/adapters/dataset/tree.ts'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-oracle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const encoders: { [suffix: string]: (image: Sharp) => Sharp } = {
  'a.jpg': (image) => image.jpeg(),
  'b.jpg': (image) => image.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'a.png': (image) => image.png(),
  'a.webp': (image) => image.webp({ quality: 60 }),
  'b.webp': (image) => image.webp({ lossless: true }),
  'a.tif': (image) => image.tiff({ compression: 'none' }),
  'b.tif': (image) => image.tiff({ compression: 'lzw', predictor: 'horizontal' }),
}
type Answer = { size: [number, number] | null; verifies: boolean; loads: boolean }

test('sizes are those of Pillow, and what Pillow loads is never called unreadable', { timeout: 120_000 }, async () => {
  const random = seededRandom('image oracle')
  for (const [suffix, encode] of Object.entries(encoders)) {
    for (let i = 0; i < 24; i++) {
      const [width, height] = [10 + random.int(90), 10 + random.int(90)]
      const pixels = Buffer.from(Array.from({ length: width * height * 3 }, () => 90 + random.int(70)))
      const bytes = await encode(sharp(pixels, { raw: { width, height, channels: 3 } })).toBuffer()
      // A third sound, a third cut anywhere, a third with a few bytes changed.
      const cut = i % 3 === 1 ? bytes.subarray(0, random.int(bytes.length)) : bytes
      if (i % 3 === 2)
        for (let k = 1 + random.int(3); k > 0; k--)
          cut[random.int(Math.min(cut.length, i % 2 ? 200 : cut.length))] = random.int(256)
      writeFileSync(join(folder, `${i}-${suffix}`), cut)
    }
  }
  const script = fileURLToPath(new URL('image-oracle.py', import.meta.url))
  const { stdout } = await execa(pythonTool('python'), [script, folder], { env: toolEnvironment({}) })
  const theirs = JSON.parse(stdout) as { [file: string]: Answer }
  const tree = listTree(folder)
  const counts = { sound: 0, bothRefuse: 0, onlyWe: 0, onlyTheyVerify: 0, onlyTheyOpen: 0 }
  for (const file of tree.files) {
    const { width, height, defects } = imageFacts(tree, file, file, true)
    const refused = defects.filter(({ code }) => code === 'image-unreadable').map(({ message }) => message)
    const { size, loads, verifies } = theirs[file] as Answer
    // A file that was cut within its last few bytes may hold all pixels; it is damaged all the same.
    const wasCut = Number.parseInt(file, 10) % 3 === 1
    if (loads && !(wasCut && /cut off/.test(refused[0] ?? ''))) expect([file, refused]).toEqual([file, []])
    if (size === null && wasCut) expect([file, refused.length]).toEqual([file, 1])
    if (size === null && refused.length === 0) counts.onlyTheyOpen++
    if (size !== null && width > 0) expect([file, width, height]).toEqual([file, ...size])
    if (refused.length === 0 && loads) counts.sound++
    else if (refused.length > 0 && !verifies) counts.bothRefuse++
    else if (refused.length > 0) counts.onlyWe++
    else if (!verifies) counts.onlyTheyVerify++
  }
  expect(counts.sound).toBeGreaterThan(60)
  expect(counts.bothRefuse).toBeGreaterThan(20)
  // Tables in a header that Pillow reads when it opens are read here when pictures are decoded.
  expect(counts.onlyTheyOpen).toBeLessThanOrEqual(5)
  // Pillow's verify looks at no JPEG, WebP or TIFF beyond its header; we notice those that are cut.
  expect(counts.onlyWe).toBeGreaterThan(5)
})

import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { seededRandom } from '../../src/core/stats/random.ts'

/**
 * A folder of `count` 64-pixel pictures with one coloured square each; the first is a JPEG with bytes behind its end marker,
 * which the trainer’s loader would rewrite in place.
 */
export async function tinySet(count: number): Promise<{ root: string; images: string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-tiny-'))
  const random = seededRandom('tiny')
  mkdirSync(join(root, 'images'))
  mkdirSync(join(root, 'labels'))
  const images: string[] = []
  for (let index = 0; index < count; index++) {
    const classId = index % 2
    const [x, y, side] = [8 + random.int(24), 8 + random.int(24), 16 + random.int(8)]
    const rgb = Buffer.alloc(64 * 64 * 3, 90)
    for (let i = 0; i < rgb.length; i++) rgb[i] = rgb[i]! + random.int(20)
    for (let dy = 0; dy < side; dy++) {
      for (let dx = 0; dx < side; dx++) rgb[((y + dy) * 64 + x + dx) * 3 + classId * 2] = 240
    }
    const picture = sharp(rgb, { raw: { width: 64, height: 64, channels: 3 } })
    const name = `p${index}`
    const file = join(root, 'images', index === 0 ? `${name}.jpg` : `${name}.png`)
    const bytes =
      index === 0 ? Buffer.concat([await picture.jpeg().toBuffer(), Buffer.alloc(2)]) : await picture.png().toBuffer()
    writeFileSync(file, bytes)
    images.push(file)
    const box = [(x + side / 2) / 64, (y + side / 2) / 64, side / 64, side / 64]
    writeFileSync(join(root, 'labels', `${name}.txt`), `${classId} ${box.map((v) => v.toFixed(6)).join(' ')}\n`)
  }
  return { root, images }
}

/** One hash over the names and bytes of all files below a folder. */
export function hashOf(folder: string): string {
  const hash = createHash('sha256')
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const path of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    hash.update(path).update(readFileSync(path))
  }
  return hash.digest('hex')
}

export const silent = { update: () => {}, end: () => {} }

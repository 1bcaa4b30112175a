import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lookVersion } from '../core/dataset/look.ts'
import type { Dataset, Look } from '../core/dataset/model.ts'
import { writeWhole } from './files.ts'

/** Looks by the MD5 of the image file, left by earlier checks; disposable, and whatever is not sound counts as absent. */
export function readLooks(folder: string): Map<string, Look> {
  const looks = new Map<string, Look>()
  for (const line of textOf(fileIn(folder)).split('\n')) {
    const [md5, phash, dhash, ...numbers] = line.split(' ')
    const [brightness, contrast, saturation, sharpness] = numbers.map(Number)
    const look = { phash, dhash, brightness, contrast, saturation, sharpness } as Look
    if (!/^[0-9a-f]{32}$/.test(md5 ?? '') || numbers.length !== 4 || !numbers.every((n) => Number.isFinite(Number(n))))
      continue
    if (/^[0-9a-f]{16}$/.test(phash ?? '') && /^[0-9a-f]{16}$/.test(dhash ?? '')) looks.set(md5 as string, look)
  }
  return looks
}

/** Leaves the looks of these data sets for the next check; a folder that cannot be written is no error. */
export function writeLooks(folder: string, datasets: readonly Dataset[]): void {
  const lines = new Set<string>()
  for (const { md5, look } of datasets.flatMap(({ images }) => images)) {
    if (md5 === null || !look) continue
    const { phash, dhash, brightness, contrast, saturation, sharpness } = look
    lines.add([md5, phash, dhash, brightness, contrast, saturation, sharpness].join(' '))
  }
  try {
    writeWhole(fileIn(folder), [...lines].sort().join('\n'))
  } catch {
    // The next check looks again.
  }
}

const fileIn = (folder: string) => join(folder, `${lookVersion}.txt`)

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

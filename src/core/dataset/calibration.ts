import { createHash } from 'node:crypto'
import { sha256 } from '../documents/define.ts'

/** Named in what is hashed, so that a digest of another definition never agrees by accident. */
const definition = 'sluice calibration 1'

/**
 * Digest of the images that INT8 was calibrated with: a header with the seed of the draw, then a line of file name and
 * MD5 of its bytes each, sorted. Where the images lie does not count.
 */
export function calibrationDigest(images: readonly { path: string; bytes: Uint8Array }[], seed: string): string {
  const lines = images.map(({ path, bytes }) => {
    const name = path.slice(path.lastIndexOf('/') + 1).normalize('NFC')
    return `${name}\t${createHash('md5').update(bytes).digest('hex')}`
  })
  return sha256(`${definition}\n${seed}\n\n${lines.sort().join('\n')}`)
}

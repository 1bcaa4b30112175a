import { ascii, type HeaderResult, sized, viewOf } from './shared.ts'
import { readExif } from './tiff.ts'

const channels: { [colourType: number]: string | null } = {
  0: null,
  2: null,
  3: null,
  4: 'an alpha channel',
  6: 'an alpha channel',
}

/** Header of a PNG (ISO/IEC 15948), and what its chunks before the pixels say. */
export function pngHeader(bytes: Uint8Array): HeaderResult {
  if (bytes.length < 33 || ascii(bytes, 12, 4) !== 'IHDR') return { problem: 'a PNG that ends within its header' }
  const view = viewOf(bytes)
  const [width, height, depth, colour] = [
    view.getUint32(16),
    view.getUint32(20),
    bytes[24] as number,
    bytes[25] as number,
  ]
  const alpha = channels[colour]
  if (alpha === undefined || ![1, 2, 4, 8, 16].includes(depth)) return { problem: 'a PNG with a broken header' }
  const modes: string[] = []
  if (depth === 16) modes.push('16 bits a channel')
  if (depth === 1) modes.push('1 bit a pixel')
  if (alpha !== null) modes.push(alpha)
  let exif = { orientation: 1, location: false }
  for (let at = 33; at + 12 <= bytes.length; ) {
    const [length, kind] = [view.getUint32(at), ascii(bytes, at + 4, 4)]
    if (kind === 'IDAT') break
    if (kind === 'acTL') modes.push('an animation')
    if (kind === 'tRNS') modes.push('transparent colours')
    if (kind === 'eXIf' && at + 8 + length <= bytes.length) exif = readExif(bytes, at + 8, at + 8 + length)
    at += 12 + length
  }
  // OpenCV and Pillow leave a PNG as it is stored.
  return sized('png', width, height, { modes, location: exif.location })
}

/**
 * Where a whole PNG ends: the offset after its IEND chunk. A text instead when it is cut off or a chunk that every
 * decoder must read is damaged; `crc32` is the checksum of RFC 1952.
 */
export function pngEnd(bytes: Uint8Array, crc32: (data: Uint8Array) => number): number | string {
  const view = viewOf(bytes)
  let at = 8
  while (at + 12 <= bytes.length) {
    const [length, kind] = [view.getUint32(at), ascii(bytes, at + 4, 4)]
    const end = at + 12 + length
    if (end > bytes.length) return 'the file is cut off: a png without its end'
    const critical = ((bytes[at + 4] as number) & 0x20) === 0
    if (critical && crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      return `the checksum of its chunk ${JSON.stringify(kind)} is wrong`
    }
    if (kind === 'IEND') return end
    at = end
  }
  return 'the file is cut off: a png without its end'
}

import { ascii, type HeaderResult, sized, viewOf } from './shared.ts'
import { readExif } from './tiff.ts'

/** Walks the marker segments to the frame header (ITU T.81 B.1); segments before it may hold EXIF. */
export function jpegHeader(bytes: Uint8Array, fileSize: number): HeaderResult {
  const view = viewOf(bytes)
  const short: HeaderResult =
    bytes.length < fileSize ? { needsMore: true } : { problem: 'a JPEG that ends within its header' }
  let exif = { orientation: 1, location: false }
  let at = 2
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return { problem: 'a JPEG with a broken segment' }
    const marker = bytes[at + 1] as number
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    if (marker === 0xd9 || marker === 0xda) return { problem: 'a JPEG without a frame' }
    const length = view.getUint16(at + 2)
    if (length < 2) return { problem: 'a JPEG with a broken segment' }
    if (isFrame(marker)) {
      if (at + 10 > bytes.length) return short
      const modes: string[] = []
      const [bits, components] = [bytes[at + 4] as number, bytes[at + 9] as number]
      const known = [8, 12, 16].includes(bits) && [1, 3, 4].includes(components)
      if (!known || length !== 8 + 3 * components) return { problem: 'a JPEG with a broken frame' }
      if (bits > 8) modes.push(`${bits} bits a channel`)
      if (components === 4) modes.push('CMYK')
      if (marker >= 0xc9) modes.push('arithmetic coding, which few decoders read')
      return sized('jpeg', view.getUint16(at + 7), view.getUint16(at + 5), { ...exif, modes })
    }
    if (marker === 0xe1 && at + 2 + length <= bytes.length && ascii(bytes, at + 4, 4) === 'Exif') {
      exif = readExif(bytes, at + 10, at + 2 + length)
    }
    at += 2 + length
  }
  return short
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** Where a whole JPEG ends: the offset after its end of image marker; null when there is none after a scan. */
export function jpegEnd(bytes: Uint8Array): number | null {
  let at = 2
  let scanned = false
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) {
      // Inside a scan any byte but FF is data; between segments it is junk that decoders skip.
      at = bytes.indexOf(0xff, at)
      if (at < 0) return null
      continue
    }
    const marker = bytes[at + 1] as number
    if (marker === 0xd9) return scanned ? at + 2 : null
    if (marker === 0xff) at++
    else if (marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else {
      if (marker === 0xda) scanned = true
      if (at + 3 >= bytes.length) return null
      at += 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
    }
  }
  return null
}

import { heifHeader, jp2Header } from './image-headers/boxes.ts'
import { jpegHeader } from './image-headers/jpeg.ts'
import { pngHeader } from './image-headers/png.ts'
import { ascii, type HeaderResult, type ImageHeader, sized, viewOf } from './image-headers/shared.ts'
import { tiffHeader } from './image-headers/tiff.ts'
import { webpHeader } from './image-headers/webp.ts'

export type { HeaderResult, ImageHeader } from './image-headers/shared.ts'

/** Reads the header from the first bytes of a file; asks for more when what comes before the size is longer. */
export function readImageHeader(bytes: Uint8Array, fileSize: number): HeaderResult {
  if (fileSize === 0) return { problem: 'the file is empty' }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return withPixels(jpegHeader(bytes, fileSize))
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return withPixels(pngHeader(bytes))
  if (ascii(bytes, 0, 2) === 'BM' && bytes.length >= 26) return withPixels(bmpHeader(bytes))
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return withPixels(webpHeader(bytes))
  const order = ascii(bytes, 0, 4)
  if (order === 'II*\0' || order === 'MM\0*') return tiffHeader(bytes, fileSize)
  if (ascii(bytes, 4, 4) === 'ftyp') return heifHeader(bytes, fileSize)
  if (ascii(bytes, 4, 4) === 'jP  ') return jp2Header(bytes, fileSize)
  return { problem: foreign(bytes) }
}

/** What a file is that no loader takes for an image. */
function foreign(bytes: Uint8Array): string {
  if (ascii(bytes, 0, 3) === 'GIF') {
    const size =
      bytes.length >= 10 ? ` of ${bytes[6]! | (bytes[7]! << 8)} × ${bytes[8]! | (bytes[9]! << 8)} pixels` : ''
    return `a GIF${size}; the loader takes no GIF`
  }
  if (ascii(bytes, 0, 23) === 'version https://git-lfs') return 'a Git LFS pointer, not an image'
  if (ascii(bytes, 0, 5) === 'outs:' || ascii(bytes, 0, 4) === 'md5:') return 'a DVC pointer, not an image'
  const start = ascii(bytes, 0, 64)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (start.startsWith('<')) return 'text (HTML, XML or SVG), not an image'
  if (/^[{[]\s*["{[\d\]}]/.test(start)) return 'JSON, not an image'
  if (start.startsWith('PK\x03\x04')) return 'a ZIP archive, not an image'
  if (start.startsWith('%PDF')) return 'a PDF, not an image'
  if (bytes.length > 0 && /^[\t\n\r\x20-\x7e]+$/.test(start)) return 'text, not an image'
  return 'not an image format that is known here'
}

/** A size of nothing is no picture. */
function withPixels(result: HeaderResult): HeaderResult {
  if (!('header' in result) || result.header.width * result.header.height > 0) return result
  return { problem: `a ${result.header.format} of ${result.header.width} × ${result.header.height} pixels` }
}

/** Windows and OS/2 bitmaps; the height is negative when rows run downwards. */
function bmpHeader(bytes: Uint8Array): HeaderResult {
  const view = viewOf(bytes)
  const old = view.getUint32(14, true) === 12
  const [width, height] = old
    ? [view.getUint16(18, true), view.getUint16(20, true)]
    : [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))]
  const bits = old ? view.getUint16(24, true) : bytes.length >= 34 ? view.getUint16(28, true) : 24
  const packed = !old && bytes.length >= 34 && ![0, 3, 6].includes(view.getUint32(30, true))
  const modes = bits === 1 ? ['1 bit a pixel'] : []
  const whole = view.getUint32(10, true) + Math.ceil((width * bits) / 32) * 4 * height
  return sized('bmp', width, height, { modes, ...(packed ? {} : { bytes: whole }) })
}

/** Whether the file ends as its format must; `tail` is its last 12 bytes or more. Null when it does, else what is wrong. */
export function endProblem(format: ImageHeader['format'], tail: Uint8Array): 'cut off' | 'no end marker' | null {
  if (format === 'jpeg') {
    const n = tail.length
    return tail[n - 2] === 0xff && tail[n - 1] === 0xd9 ? null : 'no end marker'
  }
  if (format !== 'png') return null
  // IEND may be followed by other bytes; without it in the tail, the file was cut.
  for (let at = 0; at + 4 <= tail.length; at++) if (ascii(tail, at, 4) === 'IEND') return null
  return 'cut off'
}

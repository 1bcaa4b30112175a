/** What the first bytes of an image file tell, without decoding it. Sizes are pixels as stored, not turned upright. */
export type ImageHeader = {
  format: 'jpeg' | 'png' | 'bmp' | 'webp' | 'gif' | 'other'
  width: number
  height: number
  /** EXIF orientation 1 to 8; 5 to 8 turn the image by a quarter. */
  orientation: number
}

export type HeaderResult = { header: ImageHeader } | { problem: string } | { needsMore: true }

/** Reads the header from the first bytes of a file; asks for more when a JPEG's metadata is longer than `bytes`. */
export function readImageHeader(bytes: Uint8Array, fileSize: number): HeaderResult {
  if (fileSize === 0) return { problem: 'the file is empty' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegHeader(bytes, view, fileSize)
  if (ascii(bytes, 1, 4) === 'PNG\r') return pngHeader(bytes, view)
  if (ascii(bytes, 0, 2) === 'BM' && bytes.length >= 26) {
    return sized('bmp', Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true)))
  }
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return webpHeader(bytes, view)
  if (ascii(bytes, 0, 3) === 'GIF') return { problem: 'a GIF; the loader takes no GIF' }
  if (ascii(bytes, 0, 23) === 'version https://git-lfs') return { problem: 'a Git LFS pointer, not an image' }
  if (ascii(bytes, 0, 5) === 'outs:' || ascii(bytes, 0, 4) === 'md5:') return { problem: 'a DVC pointer, not an image' }
  const start = ascii(bytes, 0, 64).trimStart().toLowerCase()
  if (start.startsWith('<')) return { problem: 'text (HTML, XML or SVG), not an image' }
  const box = ascii(bytes, 4, 4)
  if (box === 'ftyp' || ascii(bytes, 0, 2) === 'II' || ascii(bytes, 0, 2) === 'MM' || box === 'jP  ') {
    return sized('other', 0, 0)
  }
  return { problem: 'not an image format that is known here' }
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

function sized(format: ImageHeader['format'], width: number, height: number, orientation = 1): HeaderResult {
  return { header: { format, width, height, orientation } }
}

function pngHeader(bytes: Uint8Array, view: DataView): HeaderResult {
  if (bytes.length < 33 || ascii(bytes, 12, 4) !== 'IHDR') return { problem: 'a PNG that ends within its header' }
  return sized('png', view.getUint32(16), view.getUint32(20))
}

function webpHeader(bytes: Uint8Array, view: DataView): HeaderResult {
  if (bytes.length < 30) return { problem: 'a WebP that ends within its header' }
  const chunk = ascii(bytes, 12, 4)
  if (chunk === 'VP8X')
    return sized('webp', (view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1)
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    return sized('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
  }
  return sized('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)
}

/** Walks the marker segments to the frame header (ITU T.81 B.1); segments before it may hold EXIF. */
function jpegHeader(bytes: Uint8Array, view: DataView, fileSize: number): HeaderResult {
  const short =
    bytes.length < fileSize ? ({ needsMore: true } as const) : { problem: 'a JPEG that ends within its header' }
  let orientation = 1
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
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      if (at + 9 > bytes.length) return short
      return sized('jpeg', view.getUint16(at + 7), view.getUint16(at + 5), orientation)
    }
    if (marker === 0xe1 && at + 2 + length <= bytes.length && ascii(bytes, at + 4, 4) === 'Exif') {
      orientation = exifOrientation(bytes, view, at + 10, at + 2 + length)
    }
    at += 2 + length
  }
  return short
}

/** Tag 0x0112 of the first directory of a TIFF structure in bytes [start, end); 1 when it is not there or not sound. */
function exifOrientation(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  if (start + 8 > end) return 1
  const little = ascii(bytes, start, 2) === 'II'
  const directory = start + view.getUint32(start + 4, little)
  if (directory + 2 > end) return 1
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12
    if (entry + 12 > end) return 1
    if (view.getUint16(entry, little) !== 0x0112) continue
    const value = view.getUint16(entry + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  let text = ''
  for (let at = start; at < Math.min(start + length, bytes.length); at++)
    text += String.fromCharCode(bytes[at] as number)
  return text
}

import { ascii, type HeaderResult, sized, viewOf } from './shared.ts'

/**
 * One directory of a TIFF structure: values of tags that hold integers, where the next directory is (0: none), and
 * whether values lie beyond the bytes at hand.
 */
type Directory = { tags: Map<number, number[]>; next: number; beyond: boolean }

const sizes: { [type: number]: number } = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
}
const mostValues = 1 << 20

/** A directory at `offset` of the structure that begins at `start`; null when it does not lie within the bytes. */
function readDirectory(
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
  little: boolean,
): Directory | null {
  const view = viewOf(bytes)
  const at = start + offset
  if (offset < 8 || at + 2 > end) return null
  const count = view.getUint16(at, little)
  const tags = new Map<number, number[]>()
  if (at + 2 + count * 12 > end) return null
  let beyond = false
  for (let i = 0; i < count; i++) {
    const entry = at + 2 + i * 12
    const [tag, type, length] = [
      view.getUint16(entry, little),
      view.getUint16(entry + 2, little),
      view.getUint32(entry + 4, little),
    ]
    const size = sizes[type] ?? 0
    if (size === 0 || length > mostValues) continue
    const from = size * length <= 4 ? entry + 8 : start + view.getUint32(entry + 8, little)
    if (from + size * length > end || (type !== 1 && type !== 3 && type !== 4 && type !== 13)) {
      beyond ||= from + size * length > end
      tags.set(tag, [])
      continue
    }
    const read = (k: number) =>
      type === 1
        ? view.getUint8(from + k)
        : type === 3
          ? view.getUint16(from + 2 * k, little)
          : view.getUint32(from + 4 * k, little)
    tags.set(
      tag,
      Array.from({ length }, (_, k) => read(k)),
    )
  }
  const after = at + 2 + count * 12
  return { tags, beyond, next: after + 4 <= end ? view.getUint32(after, little) : 0 }
}

/** Orientation and whether a place is told, of EXIF data in bytes [start, end); unsound data tell nothing. */
export function readExif(bytes: Uint8Array, start: number, end: number): { orientation: number; location: boolean } {
  const order = ascii(bytes, start, 2)
  const little = order === 'II'
  if (start + 8 > end || (!little && order !== 'MM')) return { orientation: 1, location: false }
  const directory = readDirectory(bytes, start, end, viewOf(bytes).getUint32(start + 4, little), little)
  const orientation = directory?.tags.get(0x0112)?.[0] ?? 1
  const gps = directory?.tags.get(0x8825)?.[0]
  // The directory of the position may be empty; tag 2 is the latitude.
  const place = gps === undefined ? null : readDirectory(bytes, start, end, gps, little)
  return { orientation: orientation >= 1 && orientation <= 8 ? orientation : 1, location: place?.tags.has(2) ?? false }
}

/** Header of a TIFF (Adobe TIFF 6.0); directories may lie anywhere, so more bytes may be needed. */
export function tiffHeader(bytes: Uint8Array, fileSize: number): HeaderResult {
  const little = bytes[0] === 0x49
  const cut: HeaderResult =
    bytes.length < fileSize ? { needsMore: true } : { problem: 'the file is cut off: a TIFF without its directory' }
  if (bytes.length < 8) return { problem: 'a TIFF that ends within its header' }
  const directory = readDirectory(bytes, 0, bytes.length, viewOf(bytes).getUint32(4, little), little)
  if (!directory || directory.beyond) return cut
  const { tags, next } = directory
  const one = (tag: number, otherwise: number) => tags.get(tag)?.[0] ?? otherwise
  // A raw photograph: the first directory is its thumbnail.
  if (tags.has(50706)) return sized('other', 0, 0)
  const [width, height] = [one(256, 0), one(257, 0)]
  if (width === 0 || height === 0) return { problem: 'a TIFF without a size' }
  const modes: string[] = []
  const bits = one(258, 1)
  if (one(339, 1) === 3) modes.push('floating-point pixels')
  else if (bits === 1) modes.push('1 bit a pixel')
  else if (bits > 8) modes.push(`${bits} bits a channel`)
  if (one(262, 1) === 5) modes.push('CMYK')
  if (tags.has(338)) modes.push('an alpha channel')
  if (next !== 0) modes.push('several pages')
  const [offsets, lengths] = [tags.get(273) ?? tags.get(324) ?? [], tags.get(279) ?? tags.get(325) ?? []]
  const last = offsets.reduce((most, offset, i) => Math.max(most, offset + (lengths[i] ?? 0)), 0)
  const orientation = one(274, 1)
  const location = tags.has(0x8825)
  return sized('tiff', width, height, {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    ...{ modes, location, bytes: last },
  })
}

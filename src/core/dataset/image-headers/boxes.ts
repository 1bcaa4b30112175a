import { ascii, type HeaderResult, type ImageHeader, sized, viewOf } from './shared.ts'

type Box = { kind: string; start: number; end: number }

/** Boxes of ISO/IEC 14496-12 in bytes [start, end); the last may reach beyond the bytes at hand. */
function boxesOf(bytes: Uint8Array, start: number, end: number): Box[] {
  const view = viewOf(bytes)
  const boxes: Box[] = []
  let at = start
  while (at + 8 <= Math.min(end, bytes.length) && boxes.length < 1000) {
    let size = view.getUint32(at)
    let head = 8
    if (size === 1 && at + 16 <= bytes.length) {
      size = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12)
      head = 16
    } else if (size === 0) size = end - at
    if (size < head) break
    boxes.push({ kind: ascii(bytes, at + 4, 4), start: at + head, end: at + size })
    at += size
  }
  return boxes
}

const inside = (bytes: Uint8Array, box: Box, kind: string, skip = 0) =>
  boxesOf(bytes, box.start + skip, Math.min(box.end, bytes.length)).find((child) => child.kind === kind)

/** Size and turn of an AVIF or HEIC still (ISO/IEC 23008-12): the properties of its primary item. */
export function heifHeader(bytes: Uint8Array, fileSize: number): HeaderResult {
  const top = boxesOf(bytes, 0, fileSize)
  const brand = ascii(bytes, 8, 4)
  const format: ImageHeader['format'] = /^avi/.test(brand)
    ? 'avif'
    : /^(hei|hev|mif|msf)/.test(brand)
      ? 'heic'
      : 'other'
  if (format === 'other') return sized('other', 0, 0)
  const meta = top.find(({ kind }) => kind === 'meta')
  if (!meta || meta.end > bytes.length) {
    return bytes.length < fileSize ? { needsMore: true } : { problem: 'the file is cut off within its header' }
  }
  const properties = inside(bytes, meta, 'iprp', 4)
  const container = properties && inside(bytes, properties, 'ipco')
  if (!properties || !container) return sized('other', 0, 0)
  const all = boxesOf(bytes, container.start, container.end)
  const own = primaryProperties(bytes, meta, properties)
  const mine = own ? own.map((index) => all[index - 1]).filter((box) => box !== undefined) : all
  const view = viewOf(bytes)
  const size = mine.find(({ kind, end }) => kind === 'ispe' && end <= bytes.length)
  if (!size || size.start + 12 > bytes.length) return sized('other', 0, 0)
  const turn = mine.find(({ kind }) => kind === 'irot')
  // Quarter turns against the clock, told as the EXIF orientation that has the same effect.
  const orientation = turn ? ([1, 8, 3, 6][(bytes[turn.start] as number) & 3] as number) : 1
  const modes = brand === 'avis' || brand === 'msf1' ? ['an animation'] : []
  const last = top.at(-1) as Box
  const [width, height] = [view.getUint32(size.start + 4), view.getUint32(size.start + 8)]
  return sized(format, width, height, { orientation, modes, bytes: last.end })
}

/** 1-based indices of the primary item's properties; null when the boxes that tell are not there. */
function primaryProperties(bytes: Uint8Array, meta: Box, properties: Box): number[] | null {
  const [primary, association] = [inside(bytes, meta, 'pitm', 4), inside(bytes, properties, 'ipma')]
  if (!primary || !association || association.end > bytes.length) return null
  const view = viewOf(bytes)
  const wanted = bytes[primary.start] === 0 ? view.getUint16(primary.start + 4) : view.getUint32(primary.start + 4)
  const [version, wide] = [bytes[association.start] as number, ((bytes[association.start + 3] as number) & 1) === 1]
  let at = association.start + 8
  const width = version < 1 ? 2 : 4
  for (let left = view.getUint32(association.start + 4); left > 0 && at + width + 1 <= association.end; left--) {
    const item = version < 1 ? view.getUint16(at) : view.getUint32(at)
    const count = bytes[at + width] as number
    at += width + 1
    if (at + count * (wide ? 2 : 1) > association.end) return null
    const indices = Array.from({ length: count }, (_, i) =>
      wide ? view.getUint16(at + 2 * i) & 0x7fff : (bytes[at + i] as number) & 0x7f,
    )
    if (item === wanted) return indices
    at += count * (wide ? 2 : 1)
  }
  return null
}

/** Size of a JPEG 2000 file: its box `ihdr` (ISO/IEC 15444-1, I.5.3.1). */
export function jp2Header(bytes: Uint8Array, fileSize: number): HeaderResult {
  const header = boxesOf(bytes, 0, fileSize).find(({ kind }) => kind === 'jp2h')
  const sizes = header && inside(bytes, header, 'ihdr')
  if (!sizes || sizes.start + 8 > bytes.length) return sized('other', 0, 0)
  const view = viewOf(bytes)
  return sized('jp2', view.getUint32(sizes.start + 4), view.getUint32(sizes.start))
}

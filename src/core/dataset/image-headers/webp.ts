import { ascii, type HeaderResult, sized, viewOf } from './shared.ts'

/** Header of a WebP (RFC 9649): lossy (VP8), lossless (VP8L) or extended (VP8X). */
export function webpHeader(bytes: Uint8Array): HeaderResult {
  if (bytes.length < 30) return { problem: 'a WebP that ends within its header' }
  const view = viewOf(bytes)
  // The declared size leaves out the first eight bytes, and is even.
  const more = { bytes: view.getUint32(4, true) + 8 }
  const chunk = ascii(bytes, 12, 4)
  if (chunk === 'VP8X') {
    const flags = bytes[20] as number
    const modes = [...(flags & 2 ? ['an animation'] : []), ...(flags & 16 ? ['an alpha channel'] : [])]
    const [width, height] = [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1]
    return sized('webp', width, height, { ...more, modes })
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true)
    if (bytes[20] !== 0x2f) return { problem: 'a WebP with a broken header' }
    const modes = (bits >>> 28) & 1 ? ['an alpha channel'] : []
    return sized('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1, { ...more, modes })
  }
  if (chunk !== 'VP8 ' || bytes[23] !== 0x9d || bytes[24] !== 0x01 || bytes[25] !== 0x2a) {
    return { problem: 'a WebP with a broken header' }
  }
  return sized('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff, more)
}

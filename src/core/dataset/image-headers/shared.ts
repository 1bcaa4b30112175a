/** What the first bytes of an image file tell, without decoding it. Sizes are pixels as stored, not turned upright. */
export type ImageHeader = {
  format: 'jpeg' | 'png' | 'bmp' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic' | 'jp2' | 'other'
  width: number
  height: number
  /** EXIF orientation 1 to 8; 5 to 8 turn the image by a quarter. */
  orientation: number
  /** What is unusual about how pixels are stored, in words; absent when nothing is. */
  modes?: string[]
  /** Whether it says where on Earth it was taken. */
  location?: true
  /** Bytes that the file must have at least, as its own structure says; absent where the end must be looked for. */
  bytes?: number
}

export type HeaderResult = { header: ImageHeader } | { problem: string } | { needsMore: true }

/** A header without anything unusual left out. */
export function sized(
  format: ImageHeader['format'],
  width: number,
  height: number,
  more: { orientation?: number; modes?: string[]; location?: boolean; bytes?: number } = {},
): HeaderResult {
  const { orientation = 1, modes = [], location = false, bytes } = more
  const header: ImageHeader = { format, width, height, orientation }
  if (modes.length > 0) header.modes = modes
  if (location) header.location = true
  if (bytes !== undefined) header.bytes = bytes
  return { header }
}

export function ascii(bytes: Uint8Array, start: number, length: number): string {
  let text = ''
  for (let at = start; at < Math.min(start + length, bytes.length); at++)
    text += String.fromCharCode(bytes[at] as number)
  return text
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

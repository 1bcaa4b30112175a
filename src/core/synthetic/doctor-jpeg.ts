/** A JPEG with an EXIF segment that says only how it is turned (1 to 8), put behind the start marker. */
export function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  const payload = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  const segment = [0xff, 0xe1, 0, payload.length + 2, ...payload]
  const result = new Uint8Array(jpeg.length + segment.length)
  result.set(jpeg.subarray(0, 2))
  result.set(segment, 2)
  result.set(jpeg.subarray(2), 2 + segment.length)
  return result
}

import sharp from 'sharp'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** A picture of smooth noise and hard-edged boxes: what photographs are to a JPEG. */
export async function photo(
  seed: string,
  width: number,
  height: number,
): Promise<{ rgb: Buffer; width: number; height: number }> {
  const random = seededRandom(seed)
  const coarse = Buffer.from(Array.from({ length: 12 * 9 * 3 }, () => random.int(256)))
  const rgb = await sharp(coarse, { raw: { width: 12, height: 9, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer()
  for (let k = 0; k < 14; k++) {
    const [x, y, w, h] = [random.int(width), random.int(height), 8 + random.int(width / 4), 8 + random.int(height / 4)]
    const colour = [random.int(256), random.int(256), random.int(256)] as const
    for (let j = y; j < Math.min(height, y + h); j++)
      for (let i = x; i < Math.min(width, x + w); i++) rgb.set(colour, (j * width + i) * 3)
  }
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.max(0, Math.min(255, (rgb[i] as number) + random.int(13) - 6))
  return { rgb, width, height }
}

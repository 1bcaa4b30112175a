import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** Pictures like photographs: smooth colours, edges of many sizes, grain. */
export async function drawPhoto(seed: string, width = 640, height = 480): Promise<() => Sharp> {
  const random = seededRandom(seed)
  const layers = [5, 16].map(async (side) => {
    const coarse = Buffer.from(Array.from({ length: side * side * 3 }, () => random.int(256)))
    const raw = { width: side, height: side, channels: 3 as const }
    return sharp(coarse, { raw }).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
  })
  const [wide, fine] = (await Promise.all(layers)) as [Buffer, Buffer]
  const rgb = wide.map((value, i) => 0.6 * value + 0.4 * (fine[i] as number))
  for (let k = 0; k < 12; k++) {
    const [x, y, w, h] = [random.int(width), random.int(height), 10 + random.int(150), 10 + random.int(150)]
    const colour = [random.int(256), random.int(256), random.int(256)]
    for (let j = y; j < Math.min(height, y + h); j++)
      for (let i = x; i < Math.min(width, x + w); i++) rgb.set(colour, (j * width + i) * 3)
  }
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.max(0, Math.min(255, (rgb[i] as number) + random.int(9) - 4))
  return () => sharp(rgb, { raw: { width, height, channels: 3 } })
}

/**
 * Writes originals and variants of them, with the standard's Huffman codes, as cameras and OpenCV do; returns the
 * original's number of each file, in the order of names.
 */
export async function drawSet(folder: string, originals: number): Promise<{ files: string[]; origin: number[] }> {
  const made: [string, number][] = []
  const put = async (name: string, origin: number, image: Sharp) => {
    writeFileSync(join(folder, name), await image.toBuffer())
    made.push([name, origin])
  }
  for (let i = 0; i < originals; i++) {
    const photo = await drawPhoto(`photo ${i}`)
    const number = String(i).padStart(4, '0')
    await put(`${number}-a.jpg`, i, photo().jpeg({ quality: 85, optimiseCoding: false }))
    if (i % 4 === 0) await put(`${number}-b.jpg`, i, photo().jpeg({ quality: 60, optimiseCoding: false }))
    if (i % 4 === 1)
      await put(`${number}-c.jpg`, i, photo().resize(960, 720).jpeg({ quality: 85, optimiseCoding: false }))
    if (i % 4 === 2)
      await put(
        `${number}-d.jpg`,
        i,
        photo().extract({ left: 3, top: 2, width: 634, height: 476 }).jpeg({ quality: 85, optimiseCoding: false }),
      )
  }
  made.sort(([a], [b]) => (a < b ? -1 : 1))
  return { files: made.map(([name]) => name), origin: made.map(([, origin]) => origin) }
}

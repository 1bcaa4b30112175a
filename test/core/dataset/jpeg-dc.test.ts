import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { readJpegDc } from '../../../src/core/dataset/jpeg-dc.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { photo } from './photo.ts'

/** Means of the luminance of the decoded picture over whole 8 × 8 blocks. */
async function blockMeans(jpeg: Buffer): Promise<{ means: Float64Array; columns: number; rows: number }> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
  const [columns, rows] = [Math.floor(info.width / 8), Math.floor(info.height / 8)]
  const means = new Float64Array(columns * rows)
  for (let y = 0; y < rows * 8; y++) {
    for (let x = 0; x < columns * 8; x++) {
      const at = (y * info.width + x) * info.channels
      const [r, g, b] =
        info.channels >= 3 ? [data[at]!, data[at + 1]!, data[at + 2]!] : [data[at]!, data[at]!, data[at]!]
      means[(y >> 3) * columns + (x >> 3)]! += (0.299 * r + 0.587 * g + 0.114 * b) / 64
    }
  }
  return { means, columns, rows }
}

describe('a JPEG read at an eighth', () => {
  const cases: [string, (image: Sharp) => Sharp][] = [
    ['with halved chroma', (image) => image.jpeg({ quality: 85 })],
    ['with full chroma', (image) => image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' })],
    ['with its own Huffman codes', (image) => image.jpeg({ quality: 60, optimiseCoding: true })],
    ['at quality 100', (image) => image.jpeg({ quality: 100, optimiseCoding: false })],
    ['at quality 5', (image) => image.jpeg({ quality: 5, optimiseCoding: false })],
    ['in grey', (image) => image.greyscale().jpeg({ quality: 80 })],
  ]
  test.each(cases)('has the means of its blocks: %s', async (_, encode) => {
    for (const [width, height] of [
      [203, 131],
      [640, 480],
    ] as const) {
      const { rgb } = await photo(`dc ${width}`, width, height)
      const jpeg = await encode(sharp(rgb, { raw: { width, height, channels: 3 } })).toBuffer()
      const read = readJpegDc(jpeg)
      expect(read?.width).toBe(width)
      expect(read?.height).toBe(height)
      const luma = read!.planes[0]!
      expect([luma.width, luma.height]).toEqual([width / 8, height / 8])
      const { means, columns, rows } = await blockMeans(jpeg)
      let error = 0
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++)
          error += Math.abs((luma.samples[y * luma.stride + x] as number) - (means[y * columns + x] as number))
      // Clipping of single pixels to 0 to 255 after the transform is all that the means do not see.
      expect(error / (columns * rows)).toBeLessThan(1.5)
    }
  })

  test('comes out the same a second time, when joined tables of codes are used', async () => {
    const { rgb, width, height } = await photo('again', 320, 240)
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 77 })
      .toBuffer()
    const first = readJpegDc(jpeg)
    for (let i = 0; i < 3; i++) expect(readJpegDc(jpeg)).toEqual(first)
  })

  test('is left to a full decoder when progressive, CMYK, cut off or of another kind', async () => {
    const { rgb, width, height } = await photo('odd', 320, 240)
    const image = () => sharp(rgb, { raw: { width, height, channels: 3 } })
    const plain = await image().jpeg().toBuffer()
    expect(readJpegDc(plain)).not.toBeNull()
    expect(readJpegDc(await image().jpeg({ progressive: true }).toBuffer())).toBeNull()
    expect(readJpegDc(await image().toColourspace('cmyk').jpeg().toBuffer())).toBeNull()
    expect(readJpegDc(plain.subarray(0, Math.floor(plain.length / 2)))).toBeNull()
    expect(readJpegDc(await image().png().toBuffer())).toBeNull()
  })

  test('survives any byte changed, and any cut', async () => {
    const { rgb, width, height } = await photo('broken', 96, 64)
    const sound = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer()
    const random = seededRandom('broken bytes')
    for (let i = 0; i < 3000; i++) {
      const broken = Buffer.from(sound.subarray(0, random.next() < 0.3 ? random.int(sound.length) : sound.length))
      for (let k = 1 + random.int(4); k > 0 && broken.length > 0; k--)
        broken[random.int(broken.length)] = random.int(256)
      const read = readJpegDc(broken)
      if (read) expect(read.planes[0]!.samples.every((value) => value >= 0 && value <= 255)).toBe(true)
    }
  })
})

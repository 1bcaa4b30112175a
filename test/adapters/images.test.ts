import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createImages } from '../../src/adapters/images.ts'
import { UsageError } from '../../src/core/errors.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import type { Picture } from '../../src/ports.ts'

const images = createImages()
const random = seededRandom(1)
const noise: Picture = { width: 37, height: 23, rgb: Uint8Array.from({ length: 37 * 23 * 3 }, () => random.int(256)) }
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

/** Red on the left half, blue on the right, 40 x 20. */
const halves = () =>
  sharp(
    Uint8Array.from({ length: 40 * 20 * 3 }, (_, i) =>
      (i % 3 === 0) === Math.floor(i / 3) % 40 < 20 && i % 3 !== 1 ? 255 : 0,
    ),
    {
      raw: { width: 40, height: 20, channels: 3 },
    },
  )
const pixel = ({ width, rgb }: Picture, x: number, y: number) => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]

test('PNG keeps every pixel, and the same picture gives the same bytes', async () => {
  const [once, twice] = [await images.encodePng(noise), await images.encodePng(noise)]
  expect(md5(once)).toBe(md5(twice))
  expect(await images.decode(once)).toEqual(noise)
})

test('JPEG at a high quality comes back close', async () => {
  const flat = { width: 32, height: 16, rgb: new Uint8Array(32 * 16 * 3).fill(120) }
  const back = await images.decode(await images.encodeJpeg(flat, 95))
  expect([back.width, back.height]).toEqual([32, 16])
  expect(Math.max(...back.rgb.map((value) => Math.abs(value - 120)))).toBeLessThanOrEqual(2)
})

test.each([
  // The stored picture has red on its left half; each tag says where that half stands upright.
  [1, [40, 20], 'left'],
  [2, [40, 20], 'right'],
  [3, [40, 20], 'right'],
  [4, [40, 20], 'left'],
  [5, [20, 40], 'top'],
  [6, [20, 40], 'top'],
  [7, [20, 40], 'bottom'],
  [8, [20, 40], 'bottom'],
] as const)('EXIF orientation %i is turned upright', async (orientation, size, red) => {
  const jpeg = await halves()
    .withMetadata({ orientation })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer()
  const picture = await images.decode(jpeg)
  expect([picture.width, picture.height]).toEqual(size)
  const [w, h] = size
  const at = { left: [2, h / 2], right: [w - 3, h / 2], top: [w / 2, 2], bottom: [w / 2, h - 3] }[red] as [
    number,
    number,
  ]
  const [r, , b] = pixel(picture, ...at) as [number, number, number]
  expect(r).toBeGreaterThan(200)
  expect(b).toBeLessThan(60)
})

test('grey, grey with alpha, colour with alpha, 16-bit and palette images come back as 8-bit RGB', async () => {
  const grey = { create: { width: 12, height: 9, channels: 3, background: { r: 90, g: 90, b: 90 } } } as const
  const alpha = {
    create: { width: 12, height: 9, channels: 4, background: { r: 200, g: 10, b: 60, alpha: 0.5 } },
  } as const
  const cases: [Promise<Uint8Array>, number[]][] = [
    [sharp(grey).toColourspace('b-w').png().toBuffer(), [90, 90, 90]],
    [sharp(grey).ensureAlpha(0.4).toColourspace('b-w').png().toBuffer(), [90, 90, 90]],
    [sharp(alpha).png().toBuffer(), [200, 10, 60]],
    [sharp(grey).toColourspace('rgb16').png().toBuffer(), [90, 90, 90]],
    [sharp(grey).png({ palette: true }).toBuffer(), [90, 90, 90]],
    [sharp(grey).webp({ lossless: true }).toBuffer(), [90, 90, 90]],
    [sharp(grey).tiff().toBuffer(), [90, 90, 90]],
  ]
  for (const [bytes, color] of cases) {
    const picture = await images.decode(await bytes)
    expect(picture.rgb).toHaveLength(12 * 9 * 3)
    expect(pixel(picture, 3, 3)).toEqual(color)
  }
})

test.each([0.05, 0.3, 0.6, 0.95])('a file cut after %d of its bytes is refused, PNG and JPEG', async (share) => {
  const big = { width: 160, height: 160, rgb: Uint8Array.from({ length: 160 * 160 * 3 }, () => random.int(256)) }
  for (const bytes of [await images.encodePng(big), await images.encodeJpeg(big, 90)]) {
    await expect(images.decode(bytes.slice(0, Math.floor(bytes.length * share)))).rejects.toThrow(UsageError)
  }
})

test('no bytes, text, SVG and an image whose start is gone are refused', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>'
  const gone = (await images.encodePng(noise)).slice().fill(0, 0, 64)
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode('hello'), new TextEncoder().encode(svg), gone]) {
    await expect(images.decode(bytes)).rejects.toThrow(/cannot be decoded/)
  }
})

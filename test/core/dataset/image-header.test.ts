import sharp, { type Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { endProblem, readImageHeader } from '../../../src/core/dataset/image-header.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const random = seededRandom('headers')
const picture = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: 'teal', noise: { type: 'gaussian', mean: 90, sigma: 20 } },
  })
const encoders = {
  jpeg: (image: Sharp) => image.jpeg(),
  'jpeg progressive': (image: Sharp) => image.jpeg({ progressive: true }),
  png: (image: Sharp) => image.png(),
  webp: (image: Sharp) => image.webp(),
  'webp lossless': (image: Sharp) => image.webp({ lossless: true }),
  'webp with alpha': (image: Sharp) => image.ensureAlpha(0.5).webp(),
  tiff: (image: Sharp) => image.tiff({ compression: 'lzw' }),
  'tiff in tiles': (image: Sharp) => image.tiff({ tile: true, tileWidth: 64, tileHeight: 64 }),
  avif: (image: Sharp) => image.avif({ effort: 0 }),
  'avif with alpha': (image: Sharp) => image.ensureAlpha(0.5).avif({ effort: 0 }),
}

test.each(Object.entries(encoders))('reads the size of a %s as libvips does', async (name, encode) => {
  for (let i = 0; i < (name.startsWith('avif') ? 3 : 8); i++) {
    const [width, height] = name.startsWith('avif')
      ? [16 + random.int(200), 16 + random.int(200)]
      : [1 + random.int(900), 1 + random.int(900)]
    const bytes = await encode(picture(width, height)).toBuffer()
    const header = { format: name.split(' ')[0], width, height, orientation: 1 }
    expect(readImageHeader(bytes, bytes.length)).toMatchObject({ header })
    expect(endProblem(header.format as 'jpeg', bytes.subarray(-4096))).toBe(null)
  }
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('reads EXIF orientation %i', async (orientation) => {
  const bytes = await picture(40, 30).withMetadata({ orientation }).jpeg().toBuffer()
  expect(readImageHeader(bytes, bytes.length)).toEqual({
    header: { format: 'jpeg', width: 40, height: 30, orientation },
  })
})

test('asks for more when metadata fills the first bytes, and then finds the size', async () => {
  const bytes = await picture(64, 48).jpeg().toBuffer()
  const comment = new Uint8Array(30_000)
  comment.set([0xff, 0xfe, (comment.length - 2) >> 8, (comment.length - 2) & 0xff])
  const long = Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)])
  expect(readImageHeader(long.subarray(0, 16_384), long.length)).toEqual({ needsMore: true })
  expect(readImageHeader(long, long.length)).toMatchObject({ header: { width: 64, height: 48 } })
})

test('a file that was cut off has no end', async () => {
  for (const format of ['jpeg', 'png'] as const) {
    const bytes = await encoders[format](picture(200, 200)).toBuffer()
    for (const share of [0.2, 0.6, 0.95]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share))
      expect(endProblem(format, cut.subarray(-4096)), `${format} ${share}`).not.toBe(null)
    }
  }
})

test('any prefix of a file gives an answer, never an exception', async () => {
  for (const encode of Object.values(encoders)) {
    const bytes = await encode(picture(30, 20).withMetadata({ orientation: 6 })).toBuffer()
    for (let length = 0; length <= Math.min(bytes.length, 700); length++) {
      const result = readImageHeader(bytes.subarray(0, length), length)
      expect(Object.keys(result).length).toBe(1)
    }
  }
})

test('random bytes give an answer, never an exception', () => {
  for (let i = 0; i < 3000; i++) {
    const bytes = Uint8Array.from({ length: random.int(200) }, () => random.int(256))
    if (i % 2 === 0) bytes.set([0xff, 0xd8, 0xff, 0xe1].slice(0, bytes.length))
    expect(Object.keys(readImageHeader(bytes, bytes.length)).length).toBe(1)
  }
})

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', 'empty'],
  ['a web page', '<!doctype html><html>', 'HTML'],
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG'],
  ['a GIF', 'GIF89a', 'GIF'],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', 'LFS pointer'],
  ['a DVC pointer', 'outs:\n- md5: 0\n', 'DVC pointer'],
  ['zeros', new Uint8Array(100), 'not an image'],
])('says that %s is no image', (_, content, part) => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  expect(readImageHeader(bytes, bytes.length)).toEqual({ problem: expect.stringContaining(part) })
})

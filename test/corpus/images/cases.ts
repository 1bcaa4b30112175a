import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** A bad or unusual image file, and what is to be said of it; nothing where it is sound. */
export type ImageCase = {
  id: string
  name: string
  bytes: () => Promise<Uint8Array>
  told: { rule: string; severity: 'error' | 'warning' | 'info'; part: string }[]
  /** Told only when pictures are decoded. */
  decoded?: true
}

const random = seededRandom('image corpus')
const noise = Buffer.from(Array.from({ length: 64 * 48 * 3 }, () => random.int(256)))
const picture = () => sharp(noise, { raw: { width: 64, height: 48, channels: 3 } })
const sound = (encode: (image: Sharp) => Sharp) => () => encode(picture()).toBuffer()
const jpeg = sound((image) => image.jpeg())
const png = sound((image) => image.png())
const text = (content: string) => async () => Buffer.from(content)
const error = (part: string) => [{ rule: 'image-unreadable', severity: 'error' as const, part }]
const trap = (part: string) => [{ rule: 'image-loader-trap', severity: 'warning' as const, part }]
const mode = (part: string) => [{ rule: 'image-mode', severity: 'info' as const, part }]
const unsafe = (part: string) => [{ rule: 'image-name', severity: 'warning' as const, part }]

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A grey PNG of any declared size, whose pixels are the given bytes. */
function pngOf(width: number, height: number, depth: number, pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = depth
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts])
}

/** A 24-bit bitmap, rows from the bottom up. */
function bmp(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4
  const file = Buffer.alloc(54 + row * height, 0x7f)
  file.fill(0, 0, 54)
  file.write('BM', 0, 'latin1')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  return file
}

const cut = (make: () => Promise<Uint8Array>, length: (n: number) => number) => async () => {
  const bytes = await make()
  return bytes.subarray(0, length(bytes.length))
}
const joined = (make: () => Promise<Uint8Array>, ...more: Uint8Array[]) => async () =>
  Buffer.concat([await make(), ...more])
const end = Buffer.from([0xff, 0xd9])
const gps = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 0/1' } }

/** Cases by the numbers of the list of defects that image files have; `good` are sound and must stay silent. */
export const imageCases: ImageCase[] = [
  { id: 'IM01', name: 'empty.jpg', bytes: text(''), told: error('empty') },
  { id: 'IM02', name: 'page.jpg', bytes: text('<!doctype html><html></html>'), told: error('HTML') },
  { id: 'IM02', name: 'data.jpg', bytes: text('{"error": "not found"}'), told: error('JSON') },
  { id: 'IM02', name: 'words.jpg', bytes: text('Access denied.\n'), told: error('text, not an image') },
  { id: 'IM02', name: 'gif.jpg', bytes: sound((image) => image.gif()), told: error('a GIF of 64 × 48 pixels') },
  { id: 'IM03', name: 'is-png.jpg', bytes: png, told: trap('a png file named .jpg') },
  { id: 'IM03', name: 'is-webp.png', bytes: sound((image) => image.webp()), told: trap('a webp file named .png') },
  { id: 'IM04', name: 'svg.jpg', bytes: text('<svg xmlns="http://www.w3.org/2000/svg"/>'), told: error('SVG') },
  { id: 'IM05', name: 'cut-20.jpg', bytes: cut(jpeg, (n) => n - 20), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.jpg', bytes: cut(jpeg, (n) => n >> 1), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.png', bytes: cut(png, (n) => n >> 1), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.webp', bytes: cut(sound((i) => i.webp()), (n) => n >> 1), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.tif', bytes: cut(sound((i) => i.tiff()), (n) => n >> 1), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.avif', bytes: cut(sound((i) => i.avif({ effort: 0 })), (n) => n >> 1), told: error('cut off') },
  { id: 'IM06', name: 'cut-half.bmp', bytes: async () => bmp(40, 30).subarray(0, 1800), told: error('cut off') },
  { id: 'IM06', name: 'half-with-end.jpg', bytes: joined(cut(jpeg, (n) => n >> 1), end), told: error('cannot be decoded'), decoded: true },
  { id: 'IM07', name: 'no-end.jpg', bytes: cut(jpeg, (n) => n - 2), told: error('no end of image marker') },
  { id: 'IM08', name: 'bomb.png', bytes: async () => pngOf(60_000, 60_000, 8, Buffer.alloc(100)), told: error('more than 200 million') },
  { id: 'IM09', name: 'flat.png', bytes: async () => pngOf(14_000, 14_000, 8, Buffer.alloc(14_001 * 10)), told: error('decompression bomb') },
  { id: 'IM10', name: 'nine.png', bytes: sound((i) => i.resize(9, 9).png()), told: error('under 10 pixels') },
  { id: 'IM11', name: 'turned-5.jpg', bytes: sound((i) => i.withMetadata({ orientation: 5 }).jpeg()), told: trap('orientation 5') },
  { id: 'IM11', name: 'turned-6.jpg', bytes: sound((i) => i.withMetadata({ orientation: 6 }).jpeg()), told: [] },
  { id: 'IM12', name: 'pages.tif', bytes: pages, told: mode('several pages') },
  { id: 'IM13', name: 'cmyk.jpg', bytes: sound((i) => i.toColourspace('cmyk').jpeg()), told: mode('CMYK') },
  { id: 'IM13', name: 'deep.png', bytes: sound((i) => i.toColourspace('rgb16').png()), told: mode('16 bits a channel') },
  { id: 'IM13', name: 'one-bit.png', bytes: async () => pngOf(64, 48, 1, Buffer.alloc(48 * 9, Buffer.from([0, 85, 85, 85, 85, 85, 85, 85, 85]))), told: mode('1 bit a pixel') },
  { id: 'IM13', name: 'alpha.png', bytes: sound((i) => i.ensureAlpha(0.5).png()), told: mode('alpha') },
  { id: 'IM14', name: 'checksum.png', bytes: damaged, told: error('checksum of its chunk "IDAT"') },
  { id: 'IM17', name: 'lfs.jpg', bytes: text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), told: error('LFS') },
  { id: 'IM17', name: 'dvc.jpg', bytes: text('outs:\n- md5: 0\n'), told: error('DVC pointer') },
  { id: 'IM18', name: 'con.jpg', bytes: jpeg, told: unsafe('device on Windows') },
  { id: 'IM18', name: '-rf.jpg', bytes: jpeg, told: unsafe('begins with a dash') },
  { id: 'IM18', name: 'a\u202egpj.jpg', bytes: jpeg, told: unsafe('direction of text') },
  { id: 'IM18', name: 'two\nlines.jpg', bytes: jpeg, told: unsafe('control character') },
  { id: 'IM18', name: 'noon 12:00.jpg', bytes: jpeg, told: unsafe('Windows does not allow') },
  { id: 'IM20', name: 'place.jpg', bytes: sound((i) => i.withExif(gps).jpeg()), told: [{ rule: 'image-location', severity: 'info', part: 'place' }] },
  { id: 'IM21', name: 'black.png', bytes: async () => pngOf(64, 48, 8, Buffer.alloc(48 * 65)), told: [{ rule: 'image-blank', severity: 'warning', part: 'one even colour' }], decoded: true },
  { id: 'IM22', name: 'polyglot.jpg', bytes: joined(jpeg, Buffer.from('PK\x03\x04'), Buffer.alloc(30_000)), told: trap('bytes after the end of image marker') },
  { id: 'IM22', name: 'trailing.png', bytes: joined(png, Buffer.alloc(30_000)), told: trap('30000 bytes after the end of the picture') },
  { id: 'good', name: 'plain.jpg', bytes: jpeg, told: [] },
  { id: 'good', name: 'progressive.jpeg', bytes: sound((i) => i.jpeg({ progressive: true })), told: [] },
  { id: 'good', name: 'grey.JPG', bytes: sound((i) => i.greyscale().jpeg()), told: [] },
  { id: 'good', name: 'plain.png', bytes: png, told: [] },
  { id: 'good', name: 'palette.png', bytes: sound((i) => i.png({ palette: true })), told: [] },
  { id: 'good', name: 'plain.bmp', bytes: async () => bmp(41, 30), told: [] },
  { id: 'good', name: 'lossless.webp', bytes: sound((i) => i.webp({ lossless: true })), told: [] },
  { id: 'good', name: 'plain.webp', bytes: sound((i) => i.webp()), told: [] },
  { id: 'good', name: 'plain.tiff', bytes: sound((i) => i.tiff()), told: [] },
  { id: 'good', name: 'plain.avif', bytes: sound((i) => i.avif({ effort: 0 })), told: [] },
  { id: 'good', name: 'Größe 照片 (1).jpg', bytes: jpeg, told: [] },
]

async function pages(): Promise<Uint8Array> {
  const one = await picture().tiff({ compression: 'none' }).toBuffer()
  // The directory's link to the next one is led back to itself's copy at the end.
  const little = one[0] === 0x49
  const at = little ? one.readUInt32LE(4) : one.readUInt32BE(4)
  const count = little ? one.readUInt16LE(at) : one.readUInt16BE(at)
  const directory = one.subarray(at, at + 2 + count * 12 + 4)
  const whole = Buffer.concat([one, directory])
  if (little) whole.writeUInt32LE(one.length, at + 2 + count * 12)
  else whole.writeUInt32BE(one.length, at + 2 + count * 12)
  return whole
}

async function damaged(): Promise<Uint8Array> {
  const bytes = Buffer.from(await png())
  bytes[bytes.length - 40]! ^= 0x10
  return bytes
}

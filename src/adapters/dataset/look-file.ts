import { readImageHeader } from '../../core/dataset/image-header.ts'
import { readJpegDc } from '../../core/dataset/jpeg-dc.ts'
import { lookOf, lookSide, shrinkPlane, turnSquare } from '../../core/dataset/look.ts'
import type { Look } from '../../core/dataset/model.ts'
import { readBytes } from './read-bytes.ts'

/** What decoding a file told; `unread` where this machine's decoder does not know the format, which is no defect. */
export type SeenFile = { planes: Float32Array[] } | { problem: string } | { unread: string }

/** Fewer blocks than this a side, and a JPEG is decoded in full: its eighth would be coarser than a look. */
const leastBlocks = 56
const largest = 200_000_000
/** Larger pictures are reduced to this many pixels a side by the decoder, which shrinks a JPEG as it reads it. */
const reduced = 320
const readable = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'])

/** Upright planes Y (and Cb, Cr) of an image file at lookSide; large baseline JPEGs are read without a full decode. */
export async function seeFile(path: string): Promise<SeenFile> {
  const { bytes, length, size } = readBytes(path, 1 << 30)
  const own = bytes.subarray(0, length)
  const head = readImageHeader(own, size)
  if (!('header' in head)) return { problem: 'problem' in head ? head.problem : 'its header does not end' }
  const { format, width, height, orientation } = head.header
  if (!readable.has(format)) return { unread: format }
  if (format === 'jpeg' && Math.min(width, height) >= leastBlocks * 8) {
    const dc = readJpegDc(own)
    if (dc) return { planes: dc.planes.map((plane) => turnSquare(shrinkPlane(plane), lookSide, orientation)) }
  }
  return decodeFully(Buffer.from(own), format)
}

/** Look of an image file. */
export async function lookAtFile(path: string): Promise<{ look: Look } | Exclude<SeenFile, { planes: unknown }>> {
  const seen = await seeFile(path)
  return 'planes' in seen ? { look: lookOf(seen.planes) } : seen
}

// libjpeg goes on after these and shows a picture with a grey or garbled part; its other warnings are harmless.
const damage = /premature end of (?:data segment|JPEG)|bad Huffman code/i

// The decoder keeps one text for all that it decodes at once: another picture can take the reason of this one away.
const reasonLost = /^Warning treated as error/
const mostAsked = 16

async function decodeFully(bytes: Buffer, format: string): Promise<SeenFile> {
  for (let asked = 1; ; asked++) {
    try {
      return { planes: await reducedPlanes(bytes, format === 'jpeg' ? 'warning' : 'truncated') }
    } catch (error) {
      const { message } = error as Error
      if (format === 'jpeg' && reasonLost.test(message) && asked < mostAsked) continue
      // Without a reason a picture is not called sound.
      if (format !== 'jpeg' || damage.test(message) || reasonLost.test(message)) return refusal(error)
      break
    }
  }
  try {
    return { planes: await reducedPlanes(bytes, 'truncated') }
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): SeenFile {
  return { problem: `cannot be decoded: ${(error as Error).message.split('\n')[0]?.slice(0, 120)}` }
}

async function reducedPlanes(bytes: Buffer, failOn: 'warning' | 'truncated'): Promise<Float32Array[]> {
  const { default: sharp } = await import('sharp')
  const picture = sharp(bytes, { failOn, limitInputPixels: largest }).autoOrient()
  const { autoOrient } = await picture.metadata()
  // Only ever made smaller here: the averaging below does the rest, and is the same for every size.
  const [width, height] = [Math.min(autoOrient.width, reduced), Math.min(autoOrient.height, reduced)]
  const { data, info } = await picture
    .toColourspace('srgb')
    .removeAlpha()
    .resize(width, height, { fit: 'fill' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return planesOf(data, info)
}

/** Y Cb Cr (BT.601, full range) of pixels, at lookSide. */
function planesOf(data: Uint8Array, info: { width: number; height: number; channels: number }): Float32Array[] {
  const { width, height, channels } = info
  const count = channels >= 3 ? 3 : 1
  const full = Array.from({ length: count }, () => new Float32Array(width * height))
  for (let i = 0; i < width * height; i++) {
    const r = data[i * channels] as number
    if (count === 1) full[0]![i] = r
    else {
      const [g, b] = [data[i * channels + 1] as number, data[i * channels + 2] as number]
      const y = 0.299 * r + 0.587 * g + 0.114 * b
      full[0]![i] = y
      full[1]![i] = 128 + (b - y) * 0.564334
      full[2]![i] = 128 + (r - y) * 0.713267
    }
  }
  return full.map((samples) => shrinkPlane({ samples, stride: width, width, height }))
}

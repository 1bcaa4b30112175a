import sharp, { type Sharp } from 'sharp'
import { UsageError } from '../core/errors.ts'
import type { Images, Picture } from '../ports.ts'

// Vector formats and documents can name other files, and are no photographs: only these are taken.
const formats = new Set(['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif'])
const largest = 268_435_456

/** The pictures port, over sharp. Decoding reads every pixel: a truncated file is refused, not half shown. */
export function createImages(): Images {
  return { decode, encodePng, encodeJpeg }
}

async function decode(bytes: Uint8Array): Promise<Picture> {
  try {
    // sharp stops at a broken chunk only when it reads pixels, so nothing is returned before all are read.
    const { format } = await sharp(bytes, { limitInputPixels: largest }).metadata()
    if (!formats.has(format)) throw new Error(`${format} is not an image format that is read here`)
    const { data, info } = await sharp(bytes, { failOn: 'truncated', limitInputPixels: largest })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const rgb =
      info.channels === 3 ? new Uint8Array(data.buffer, data.byteOffset, data.length) : spread(data, info.channels)
    return { width: info.width, height: info.height, rgb }
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
    throw new UsageError(`the image cannot be decoded: ${why}`, { mend: 'restore or replace the file', cause: error })
  }
}

/** Grey pixels as three equal channels. */
function spread(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3)
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels] as number
  return rgb
}

// A fixed filter and effort and no metadata: the same picture gives the same bytes.
async function encodePng(picture: Picture): Promise<Uint8Array> {
  return raw(picture).png({ compressionLevel: 4, adaptiveFiltering: false, palette: false }).toBuffer()
}

async function encodeJpeg(picture: Picture, quality: number, longestSide?: number): Promise<Uint8Array> {
  const side = { width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true } as const
  const sized = longestSide === undefined ? raw(picture) : raw(picture).resize(side)
  return sized.jpeg({ quality, chromaSubsampling: '4:2:0', mozjpeg: false }).toBuffer()
}

function raw({ width, height, rgb }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
}

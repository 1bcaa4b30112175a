import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { endProblem, type HeaderResult, type ImageHeader, readImageHeader } from '../../core/dataset/image-header.ts'
import { jpegEnd } from '../../core/dataset/image-headers/jpeg.ts'
import { pngEnd } from '../../core/dataset/image-headers/png.ts'
import type { Defect } from '../../core/dataset/model.ts'
import { nameProblem, suffixOf } from '../../core/dataset/paths.ts'
import type { Tree } from './tree.ts'

/** Upright size in pixels (0 when unknown), MD5 when asked for, and what is wrong with the file. */
export type ImageFacts = { width: number; height: number; md5: string | null; defects: Defect[] }
type Tell = (code: string, message: string) => void
/** The bytes at hand: all of them or the first; `rest` reads all, `tail` the last few. */
type File = { bytes: Uint8Array; size: number; rest: () => Uint8Array; tail: () => Uint8Array }

const headBytes = 8192
const mostPixels = 200_000_000
const suffixFormats: { [suffix: string]: ImageHeader['format'] } = {
  ...{ jpg: 'jpeg', jpeg: 'jpeg', mpo: 'jpeg', png: 'png', bmp: 'bmp', webp: 'webp', tif: 'tiff', tiff: 'tiff' },
  ...{ avif: 'avif', heic: 'heic', heif: 'heic', jp2: 'jp2' },
}

/** Reads an image's header and end; its whole bytes only when they are to be hashed. */
export function imageFacts(tree: Tree, file: string, name: string, md5: boolean): ImageFacts {
  const facts: ImageFacts = { width: 0, height: 0, md5: null, defects: [] }
  const tell: Tell = (code, message) =>
    void facts.defects.push({ code, file, line: 0, column: 0, message, image: name, key: message })
  const named = nameProblem(file)
  if (named !== null) tell('image-name', named)
  try {
    facts.md5 = tree.md5(file)
    if (!tree.here(file)) return facts
    const hashing = md5 && facts.md5 === null
    let { bytes, length, size, tail: last } = tree.read(file, hashing ? undefined : headBytes)
    let own = bytes.subarray(0, length)
    const rest = () => {
      if (own.length < size) ({ bytes, length, size } = tree.read(file))
      own = bytes.subarray(0, length)
      return own
    }
    let result: HeaderResult = readImageHeader(own, size)
    if ('needsMore' in result) result = readImageHeader(rest(), size)
    if (hashing) facts.md5 = hash('md5', own, 'hex')
    const tail = () => (own.length < size ? (last ?? tree.tail(file, 16)) : own.subarray(-16))
    if ('problem' in result) tell('image-unreadable', result.problem)
    else if ('header' in result) describe(result.header, { bytes: own, size, rest, tail }, suffixOf(file), facts, tell)
  } catch (error) {
    tell('image-unreadable', `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
  }
  return facts
}

function describe(header: ImageHeader, file: File, suffix: string, facts: ImageFacts, tell: Tell): void {
  const { format, width, height, orientation } = header
  facts.width = orientation >= 5 ? height : width
  facts.height = orientation >= 5 ? width : height
  if (format === 'other') return
  const size = `${width} × ${height} pixels`
  if (Math.min(width, height) < 10) tell('image-unreadable', `${size}; the loader drops images under 10 pixels`)
  else if (width * height > mostPixels) tell('image-unreadable', `${size}; more than 200 million are not decoded`)
  else if (width * height > 50_000_000 && width * height > 200 * file.size) {
    tell(
      'image-unreadable',
      `${size} in ${file.size} bytes, a decompression bomb or an empty picture; it is not decoded`,
    )
  }
  const expected = suffixFormats[suffix.toLowerCase()]
  if (expected && expected !== format) tell('image-loader-trap', `a ${format} file named .${suffix}`)
  if (format === 'jpeg' && (orientation === 5 || orientation === 7)) {
    const message = `EXIF orientation ${orientation}, which the loader does not turn: width and height swap`
    tell('image-loader-trap', message)
  }
  if (header.modes) tell('image-mode', `stored with ${header.modes.join(', ')}`)
  if (header.location) tell('image-location', 'its EXIF data tell the place where it was taken')
  if (format === 'jpeg') endOfJpeg(file, tell)
  else if (format === 'png') endOfPng(file, tell)
  else if (header.bytes !== undefined && header.bytes > file.size) {
    tell('image-unreadable', `the file is cut off: ${file.size} of ${header.bytes} bytes`)
  }
}

function endOfJpeg(file: File, tell: Tell): void {
  if (endProblem('jpeg', file.tail()) === null) return
  const end = jpegEnd(file.rest())
  if (end === null) {
    tell('image-unreadable', 'the file is cut off: no end of image marker')
    return
  }
  const extra = `${file.size - end} bytes after the end of image marker`
  tell('image-loader-trap', `${extra}: the loader writes the file anew, so that its hash changes`)
}

/** A PNG's chunks are walked where its bytes are at hand anyway, or where its last bytes are not those of an end. */
function endOfPng(file: File, tell: Tell): void {
  if (file.bytes.length < file.size && endProblem('png', file.tail()) === null) return
  const end = pngEnd(file.rest(), crc32)
  if (typeof end === 'string') tell('image-unreadable', end)
  else if (end < file.size) tell('image-loader-trap', `${file.size - end} bytes after the end of the picture`)
}

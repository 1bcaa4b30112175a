import { hash } from 'node:crypto'
import { endProblem, type HeaderResult, type ImageHeader, readImageHeader } from '../../core/dataset/image-header.ts'
import type { Defect } from '../../core/dataset/model.ts'
import { suffixOf } from '../../core/dataset/paths.ts'
import type { Tree } from './tree.ts'

/** Upright size in pixels (0 when unknown), MD5 when asked for, and what is wrong with the file. */
export type ImageFacts = { width: number; height: number; md5: string | null; defects: Defect[] }

const headBytes = 16_384
const tailBytes = 4096
const suffixFormats: { [suffix: string]: ImageHeader['format'] } = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  png: 'png',
  bmp: 'bmp',
  webp: 'webp',
}

/** Reads an image's header and end; its whole bytes only when they are to be hashed. */
export function imageFacts(tree: Tree, file: string, name: string, md5: boolean): ImageFacts {
  const facts: ImageFacts = { width: 0, height: 0, md5: null, defects: [] }
  const defect = (code: string, message: string) =>
    void facts.defects.push({ code, file, line: 0, column: 0, message, image: name, key: message })
  try {
    facts.md5 = tree.md5(file)
    if (!tree.here(file)) return facts
    const hashing = md5 && facts.md5 === null
    let read = tree.read(file, hashing ? undefined : headBytes)
    let result: HeaderResult = readImageHeader(read.bytes.subarray(0, read.length), read.size)
    if ('needsMore' in result) {
      read = tree.read(file)
      result = readImageHeader(read.bytes.subarray(0, read.length), read.size)
    }
    const whole = read.length === read.size
    if (hashing) facts.md5 = hash('md5', read.bytes.subarray(0, read.length), 'hex')
    if ('problem' in result) defect('image-unreadable', result.problem)
    else if ('header' in result) {
      const tail = whole
        ? read.bytes.subarray(Math.max(0, read.length - tailBytes), read.length)
        : tree.tail(file, tailBytes)
      describe(result.header, tail, suffixOf(file), facts, defect)
    }
  } catch (error) {
    defect('image-unreadable', `cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
  }
  return facts
}

function describe(
  header: ImageHeader,
  tail: Uint8Array,
  suffix: string,
  facts: ImageFacts,
  defect: (code: string, message: string) => void,
): void {
  const turned = header.orientation >= 5
  facts.width = turned ? header.height : header.width
  facts.height = turned ? header.width : header.height
  if (header.format === 'other') return
  if (Math.min(header.width, header.height) < 10) {
    defect('image-unreadable', `${header.width} × ${header.height} pixels; the loader drops images under 10 pixels`)
  } else if (header.width * header.height > 200_000_000) {
    defect('image-unreadable', `${header.width} × ${header.height} pixels; more than 200 million are not decoded`)
  }
  const expected = suffixFormats[suffix.toLowerCase()]
  if (expected && expected !== header.format) defect('image-loader-trap', `a ${header.format} file named .${suffix}`)
  if (header.orientation === 5 || header.orientation === 7) {
    defect(
      'image-loader-trap',
      `EXIF orientation ${header.orientation}, which the loader does not turn: width and height swap`,
    )
  }
  const end = endProblem(header.format, tail)
  if (end === 'cut off') defect('image-unreadable', `the file is cut off: a ${header.format} without its end`)
  else if (end !== null && !holdsEndMarker(tail))
    defect('image-unreadable', 'the file is cut off: no end of image marker')
  else if (end !== null) {
    defect(
      'image-loader-trap',
      'bytes after the end of image marker: the loader writes the file anew, so that its hash changes',
    )
  }
}

function holdsEndMarker(tail: Uint8Array): boolean {
  for (let at = tail.length - 2; at >= 0; at--) if (tail[at] === 0xff && tail[at + 1] === 0xd9) return true
  return false
}

import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { Defect } from '../model.ts'
import { lineFinder } from './pixels.ts'

/** One Pascal VOC annotation file; boxes in pixels of the declared size. */
export type VocAnnotation = {
  filename: string
  width: number
  height: number
  objects: { className: string; x: number; y: number; w: number; h: number; line: number }[]
  defects: Defect[]
  /** Marks of the format that the other formats cannot hold: truncated, difficult, occluded. */
  marks: number
}

type Element = { [key: string]: unknown }

const parser = new XMLParser({
  captureMetaData: true,
  processEntities: false,
  parseTagValue: false,
  ignoreAttributes: true,
  isArray: (name, path) => name === 'object' && path === 'annotation.object',
})
const metadata = XMLParser.getMetaDataSymbol() as unknown as symbol
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Reads one VOC file. Corners are taken as they stand (half-open, no one-pixel shift): writers differ, and nothing in
 * the file says which convention it follows.
 */
export function parseVoc(xml: string, file: string): VocAnnotation {
  const empty: VocAnnotation = { filename: '', width: 0, height: 0, objects: [], defects: [], marks: 0 }
  const fail = (code: string, line: number, message: string): VocAnnotation => ({
    ...empty,
    defects: [{ code, file, line, column: 1, message, image: null, key: message }],
  })
  const doctype = /<!(?:DOCTYPE|ENTITY)/i.exec(xml)
  if (doctype) {
    const line = lineFinder(xml)(doctype.index)
    return fail('label-encoding', line, 'a DOCTYPE or ENTITY declaration; entities are off and the file is not read')
  }
  // The parser guesses at what is not well-formed; a guess is no label.
  const sound = XMLValidator.validate(xml)
  if (sound !== true) return fail('label-encoding', sound.err.line, sound.err.msg)
  const root = elementOf(xml)
  if (typeof root === 'string') return fail('label-encoding', 1, root)
  const size = (root.size ?? {}) as Element
  const width = whole(size.width)
  const height = whole(size.height)
  const filename = typeof root.filename === 'string' ? root.filename : ''
  const result: VocAnnotation = { ...empty, filename, width, height, objects: [], defects: [] }
  const lineAt = lineFinder(xml)
  // The parser makes a list of elements that stand where they should; what else it takes for one is looked at too.
  const objects = Array.isArray(root.object) ? root.object : root.object === undefined ? [] : [root.object]
  for (const object of objects as unknown[]) {
    readObject(object !== null && typeof object === 'object' ? (object as Element) : {}, lineAt, file, result)
  }
  return result
}

/**
 * The text of an XML file: UTF-8, UTF-16 with its mark, or Latin-1 where it declares that; null when its bytes are none
 * of these.
 */
export function decodeXml(bytes: Uint8Array): string | null {
  const [a, b] = bytes
  const declared = /^<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9_-]{1,20})["']/
    .exec(String.fromCharCode(...bytes.subarray(0, 120)))?.[1]
    ?.toLowerCase()
  const latin = ['iso-8859-1', 'latin1', 'latin-1', 'windows-1252', 'us-ascii'].includes(declared ?? '')
  const label =
    a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : latin ? 'latin1' : 'utf-8'
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The element `annotation`, or why there is none. */
function elementOf(xml: string): Element | string {
  if (!/<\/annotation>\s*$/.test(xml)) return 'the file does not end with </annotation>'
  try {
    const root = (parser.parse(xml) as Element).annotation
    return root !== null && typeof root === 'object' ? (root as Element) : 'there is no annotation in this file'
  } catch (error) {
    return (error as Error).message
  }
}

function readObject(object: Element, lineAt: (offset: number) => number, file: string, result: VocAnnotation): void {
  const at = (object as { [key: symbol]: { startIndex?: number } | undefined })[metadata]?.startIndex ?? 0
  const line = lineAt(at + 1)
  const found = objectOf(object, line)
  if ('code' in found) result.defects.push({ ...found, file, line, column: 1, image: null, key: found.message })
  else {
    if (object.truncated === '1' || object.difficult === '1' || object.occluded === '1') result.marks++
    result.objects.push(found)
  }
}

function objectOf(object: Element, line: number): VocAnnotation['objects'][number] | { code: string; message: string } {
  const defect = (code: string, message: string) => ({ code, message })
  const className = typeof object.name === 'string' ? object.name.trim() : ''
  if (className === '' || className.length > 100) return defect('label-class', 'an object without a class name')
  const box = object.bndbox as Element | undefined
  if (!box || typeof box !== 'object') return defect('label-columns', `${className}: an object without a bndbox`)
  const corners: number[] = []
  for (const key of ['xmin', 'ymin', 'xmax', 'ymax']) {
    const text = typeof box[key] === 'string' ? (box[key] as string).trim() : ''
    if (!decimal.test(text) || !Number.isFinite(Number(text)))
      return defect('label-number', `${className}: ${key} "${text.slice(0, 40)}" is not a number`)
    corners.push(Number(text))
  }
  const [x1, y1, x2, y2] = corners as [number, number, number, number]
  if (x2 < x1 || y2 < y1) {
    return defect('label-negative-size', `${className}: corners are swapped (${corners.join(', ')})`)
  }
  return { className, x: x1, y: y1, w: x2 - x1, h: y2 - y1, line }
}

function whole(value: unknown): number {
  return typeof value === 'string' && /^\d{1,6}$/.test(value.trim()) ? Number(value) : 0
}

import type { BoxProvenance, Defect, Provenance } from './model.ts'

const textFields = ['source', 'time', 'camera', 'scene', 'video', 'uploader', 'licence'] as const
const otherFields = new Set<string>([...textFields, 'image', 'frame', 'width', 'height', 'boxes'])
/** Names that a report can print as they are. */
const ownField = /^[a-z][a-z0-9_-]{0,31}$/
const boxSources = ['human', 'simulated-human', 'pseudo', 'prelabel', 'synthetic'] as const

/** Reads provenance.ndjson: a line an image, by image name; lines that are not sound become defects. */
export function parseProvenance(text: string, file: string): { byImage: Map<string, Provenance>; defects: Defect[] } {
  const byImage = new Map<string, Provenance>()
  const defects: Defect[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const defect = (message: string) =>
      void defects.push({ code: 'provenance-syntax', file, line: i + 1, column: 1, message, image: null, key: message })
    try {
      const value = JSON.parse(line) as { [key: string]: unknown } | null
      if (value === null || typeof value !== 'object' || typeof value.image !== 'string')
        defect('a line without "image"')
      else if (byImage.has(value.image.normalize('NFC'))) defect(`"${value.image.slice(0, 80)}" has a line already`)
      else byImage.set(value.image.normalize('NFC'), provenanceOf(value, defect))
    } catch (error) {
      defect(`not JSON: ${(error as Error).message.slice(0, 120)}`)
    }
  }
  return { byImage, defects }
}

/** One line of provenance.ndjson, without line break; keys in a fixed order, so that the same facts give the same bytes. */
export function provenanceLine(provenance: Provenance): string {
  const { image, boxes, frame, width, height } = provenance
  const texts = Object.fromEntries(textFields.map((key) => [key, provenance[key]]))
  const own = Object.fromEntries(Object.entries(provenance.own ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify({ image, ...texts, ...own, frame, width, height, boxes })
}

function provenanceOf(value: { [key: string]: unknown }, defect: (message: string) => void): Provenance {
  const result: Provenance = { image: (value.image as string).normalize('NFC') }
  for (const key of textFields) {
    if (typeof value[key] === 'string') result[key] = value[key] as string
    else if (value[key] !== undefined && value[key] !== null) defect(`"${key}" is not text`)
  }
  const own = Object.entries(value).filter(
    (entry): entry is [string, string] =>
      !otherFields.has(entry[0]) && ownField.test(entry[0]) && typeof entry[1] === 'string',
  )
  if (own.length > 0) result.own = Object.fromEntries(own)
  for (const key of ['frame', 'width', 'height'] as const) {
    if (Number.isFinite(value[key])) result[key] = value[key] as number
  }
  if (Array.isArray(value.boxes)) {
    result.boxes = value.boxes.map((box) => boxOf(box, defect)).filter((box) => box !== null)
    if (result.boxes.length < value.boxes.length) defect('a box without classId and four numbers')
  }
  return result
}

function boxOf(value: unknown, defect: (message: string) => void): BoxProvenance | null {
  const known = (value ?? {}) as { [key: string]: unknown }
  const { classId, box, source } = known
  if (!Number.isInteger(classId) || !Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) return null
  const result: BoxProvenance = { classId: classId as number, box: box as BoxProvenance['box'] }
  for (const key of ['annotator', 'teacher'] as const) if (typeof known[key] === 'string') result[key] = known[key]
  for (const key of ['reviewPass', 'confidence', 'occlusion'] as const) {
    if (typeof known[key] === 'number') result[key] = known[key]
  }
  for (const key of ['truncated', 'ignore', 'group'] as const) {
    if (typeof known[key] === 'boolean') result[key] = known[key]
  }
  if (boxSources.includes(source as never)) result.source = source as (typeof boxSources)[number]
  else if (source !== undefined && source !== null) defect(`a box of an unknown source: ${shown(source)}`)
  const wrong = wrongAttribute(known)
  if (wrong) defect(`a box with ${wrong}: ${shown(known[wrong])}`)
  return result
}

/** The first attribute whose value is none: it would be left out in silence otherwise. */
function wrongAttribute(box: { [key: string]: unknown }): string | null {
  const share = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1
  const sound: Record<string, (value: unknown) => boolean> = {
    occlusion: share,
    confidence: share,
    reviewPass: (value) => Number.isInteger(value) && (value as number) >= 0,
    truncated: (value) => typeof value === 'boolean',
    ignore: (value) => typeof value === 'boolean',
    group: (value) => typeof value === 'boolean',
  }
  const wrong = Object.entries(sound).find(([key, is]) => box[key] !== undefined && box[key] !== null && !is(box[key]))
  return wrong?.[0] ?? null
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? '').slice(0, 80)
}

/** Key of a box in an image's provenance: class and coordinates rounded to 1e-6, never a line number. */
export function boxKey(classId: number, cx: number, cy: number, w: number, h: number): string {
  const micro = (value: number) => Math.round(value * 1e6)
  return `${classId} ${micro(cx)} ${micro(cy)} ${micro(w)} ${micro(h)}`
}

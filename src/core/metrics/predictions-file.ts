import { EvidenceError } from '../errors.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import type { Slicing } from './slices.ts'

/** What an Evaluation was computed from: enough to score, slice and compare again without images or a model. */
export type PredictionSet = {
  /** Name of every image; columns hold indices into it. */
  images: string[]
  /** Scene of every image: the unit that resampling draws. */
  scenes: string[]
  classes: string[]
  truth: TruthColumns
  detections: DetectionColumns
  /** Ways to group the images: a value an image, null where it is not known. */
  groups?: Slicing[]
}

const format = 'sluice-predictions'
const truthKeys = ['image', 'classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const
const detectionKeys = ['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const

/** JSON of a prediction set; numbers are rounded to 1e-6. Equal sets give equal bytes. */
export function encodePredictions(set: PredictionSet): string {
  const { images, scenes, classes, truth, detections, groups } = set
  const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Math.round(value * 1e6) / 1e6)
  const columns = <K extends string>(keys: readonly K[], from: Record<K, ArrayLike<number>>) =>
    Object.fromEntries(keys.map((key) => [key, rounded(from[key])]))
  return `${JSON.stringify({
    format,
    version: 1,
    images,
    scenes,
    classes,
    ...(groups?.length ? { groups } : {}),
    truth: columns(truthKeys, truth),
    detections: columns(detectionKeys, detections),
  })}\n`
}

/** Reads a prediction set; EvidenceError (malformed) unless every column is whole and every index in range. */
export function decodePredictions(json: string, file: string): PredictionSet {
  const root = parse(json, file)
  if (root.format !== format || root.version !== 1) {
    refuse(file, `expected format ${format}, version 1, found ${JSON.stringify(root.format ?? null)}`)
  }
  const images = texts(root, 'images', file)
  const scenes = texts(root, 'scenes', file)
  const classes = texts(root, 'classes', file)
  if (scenes.length !== images.length) refuse(file, `${images.length} images, but ${scenes.length} scenes`)
  const groups = readGroups(root.groups, images.length, file)
  const limits = { images: images.length, classes: classes.length }
  const t = readColumns(root.truth, truthKeys, limits, 'truth', file)
  const d = readColumns(root.detections, detectionKeys, limits, 'detections', file)
  if (t.columns.crowd.some((value) => value !== 0 && value !== 1)) refuse(file, 'truth.crowd holds 0 and 1 only')
  return {
    images,
    scenes,
    classes,
    ...(groups.length > 0 ? { groups } : {}),
    truth: {
      ...t.columns,
      count: t.count,
      imageCount: images.length,
      classCount: classes.length,
      image: Int32Array.from(t.columns.image),
      classId: Int32Array.from(t.columns.classId),
      crowd: Uint8Array.from(t.columns.crowd),
    },
    detections: {
      ...d.columns,
      count: d.count,
      image: Int32Array.from(d.columns.image),
      classId: Int32Array.from(d.columns.classId),
    },
  }
}

function parse(json: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>
  } catch (error) {
    refuse(file, `not JSON: ${(error as Error).message}`)
  }
  return refuse(file, 'expected an object')
}

function texts(root: Record<string, unknown>, key: string, file: string): string[] {
  const value = root[key]
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string'))
    refuse(file, `${key} must be a list of texts`)
  return value as string[]
}

function readGroups(value: unknown, images: number, file: string): Slicing[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return refuse(file, 'groups must be a list')
  return value.map((group: Partial<Slicing> | null, i) => {
    const { slice, values } = group ?? {}
    const sound =
      typeof slice === 'string' &&
      Array.isArray(values) &&
      values.length === images &&
      values.every((item) => item === null || typeof item === 'string')
    return sound ? { slice, values } : refuse(file, `groups[${i}] must have a slice and a text or null for each image`)
  })
}

function readColumns<K extends string>(
  value: unknown,
  keys: readonly K[],
  limits: { images: number; classes: number },
  name: string,
  file: string,
): { count: number; columns: Record<K, Float64Array> } {
  const from = (value ?? {}) as Record<string, unknown>
  let count = -1
  const entries = keys.map((key): [K, Float64Array] => {
    const list = from[key]
    if (!Array.isArray(list)) return refuse(file, `${name}.${key} must be a list of numbers`)
    if (count >= 0 && list.length !== count) refuse(file, `${name}.${key} has ${list.length} entries, others ${count}`)
    count = list.length
    const most = key === 'image' ? limits.images : key === 'classId' ? limits.classes : null
    const bad = list.findIndex((item) => !Number.isFinite(item) || (most !== null && !isIndex(item as number, most)))
    if (bad >= 0) refuse(file, `${name}.${key}[${bad}] is ${JSON.stringify(list[bad])}`)
    return [key, Float64Array.from(list as number[])]
  })
  return { count, columns: Object.fromEntries(entries) as Record<K, Float64Array> }
}

function isIndex(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < most
}

function refuse(file: string, what: string): never {
  throw new EvidenceError(what, { reason: 'malformed', where: file, mend: 'evaluate the model again' })
}

import { type Dataset, rowStarts } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import type { ClassMigrationBody, DatasetSpecBody } from '../documents/declared.ts'
import type { Finding } from '../documents/findings.ts'

/** What a rule looks at. `limit` is its own limit, from the policy or its default; `limitOf` that of another rule. */
export type RuleContext = {
  dataset: Dataset
  /** Rows of image i are start[i] up to start[i + 1]. */
  start: Uint32Array
  /** Indices of the images that a rule of scope `image` is to look at, ascending: all, or those that changed. */
  images: Uint32Array
  base: Dataset | null
  spec: DatasetSpecBody | null
  /** The spec of the base; null when there was none. */
  baseSpec: DatasetSpecBody | null
  /** Changes of the class map that are part of the proposal. */
  migrations: readonly ClassMigrationBody[]
  limit: number
  limitOf: (rule: string) => number
}

/** A finding before policy, base and waivers; `key` says what it is about, without line numbers and file names. */
export type RawFinding = {
  file: string
  line: number
  column?: number
  image: string | null
  message: string
  key: string
  boxes?: Finding['boxes']
  /** The other image of a pair (a copy, a leak), to be shown beside this one. */
  pair?: Finding['pair']
}

/** One check of a data set. The severity is a suggestion, and so is the limit: the policy decides. */
export type Rule = {
  id: string
  title: string
  severity: Finding['severity']
  /** Why it matters, one or two sentences. */
  explanation: string
  /** How to mend it, one sentence. */
  mend: string
  limit?: { value: number; meaning: string }
  /**
   * image: what it says of an image follows from that image, its rows, its provenance and the spec alone, so that an
   * unchanged image need not be looked at again. dataset: anything else.
   */
  scope: 'image' | 'dataset'
  /** Compares with a base data set; says nothing without one. */
  needsBase?: boolean
  /** A finding of this rule blocks whatever a waiver says. */
  neverWaived?: boolean
  /** Set where the rule judges one row, or one pair of rows, at a time: such rules share one pass over all rows. */
  row?: RowJudge
  pair?: PairJudge
  check: (context: RuleContext) => RawFinding[]
}

/** One row as numbers. One object serves all rows of a pass, so that none may be kept. */
export type RowView = {
  row: number
  classId: number
  /** Normalised centre and size, and the edges that follow from them. */
  cx: number
  cy: number
  w: number
  h: number
  left: number
  top: number
  right: number
  bottom: number
  /** Size of the upright image in pixels, 0 when unknown, and of the box in it, NaN then (no comparison holds). */
  imageWidth: number
  imageHeight: number
  widthPx: number
  heightPx: number
}

/** Two rows of one image that overlap; `earlier` and `later` are rows. */
export type PairView = {
  earlier: number
  later: number
  sameClass: boolean
  /** Intersection over union; equal boxes without area count as 1. */
  iou: number
  /** Intersection over the area of the smaller box, and the smaller area over the larger. */
  inside: number
  areaRatio: number
}

export type Limits = { limit: number; limitOf: (rule: string) => number }

/** `fails` is asked of every row and computes on numbers alone; `message` is asked of rows that fail. */
export type RowJudge = {
  fails: (row: RowView, limits: Limits) => boolean
  message: (row: RowView, limits: Limits) => string
}

/** As RowJudge, of pairs whose `inside` is at least the rule's limit; `oncePerBox` tells a later row once only. */
export type PairJudge = {
  fails: (pair: PairView, limits: Limits) => boolean
  message: (pair: PairView, dataset: Dataset) => string
  oncePerBox?: boolean
}

/** What rules know besides the data set itself. */
export type Declared = {
  base?: Dataset | null
  spec?: DatasetSpecBody | null
  baseSpec?: DatasetSpecBody | null
  migrations?: readonly ClassMigrationBody[]
}

/** The context of a data set; `limits` are those of a policy over the rules' own. */
export function ruleContext(
  dataset: Dataset,
  limitOf: (rule: string) => number,
  { base = null, spec = null, baseSpec = null, migrations = [] }: Declared = {},
): Omit<RuleContext, 'limit'> {
  const images = Uint32Array.from(dataset.images, (_, i) => i)
  return { dataset, start: rowStarts(dataset), images, base, spec, baseSpec, migrations, limitOf }
}

/** A rule over what the readers already found: every defect of these codes is a finding. */
export function defectRule(rule: Omit<Rule, 'check' | 'scope'> & { codes: string[] }): Rule {
  const { codes, ...rest } = rule
  const wanted = new Set(codes)
  const check = ({ dataset }: RuleContext): RawFinding[] =>
    dataset.defects
      .filter((defect) => wanted.has(defect.code))
      .map(({ code, file, line, column, image, message, key }) => ({
        ...{ file, line, column, image, message },
        key: `${code} ${key ?? message}`,
      }))
  return { ...rest, scope: 'dataset', check }
}

/** A side under this share of the image is none at six decimals, however it is written. */
export const noArea = 5e-7

/** Name of a row's class; its number when it has none. */
export function classNameOf(dataset: Dataset, row: number): string {
  const classId = dataset.boxes.classId[row] as number
  return dataset.classes[classId] ?? `class ${classId}`
}

/** What a row is, whatever its line: class name and coordinates rounded to 1e-6. */
export function rowKey(dataset: Dataset, row: number): string {
  const { cx, cy, w, h } = dataset.boxes
  const place = boxKey(0, cx[row] as number, cy[row] as number, w[row] as number, h[row] as number)
  return `${classNameOf(dataset, row)}${place.slice(1)}`
}

/** A finding about one row, or about a pair of which `other` is the earlier. */
export function rowFinding(
  context: Pick<RuleContext, 'dataset'>,
  row: number,
  message: string,
  other?: number,
): RawFinding {
  const { dataset } = context
  const { boxes } = dataset
  const image = dataset.images[boxes.image[row] as number]
  const drawn = (at: number, role: 'finding' | 'other') => {
    const box = [boxes.cx[at], boxes.cy[at], boxes.w[at], boxes.h[at]] as number[]
    return { label: classNameOf(dataset, at), role, box }
  }
  const keys = other === undefined ? [rowKey(dataset, row)] : [rowKey(dataset, row), rowKey(dataset, other)].sort()
  return {
    file: image?.labelFile ?? '',
    line: boxes.line[row] as number,
    image: image?.name ?? null,
    message,
    key: keys.join(' & '),
    boxes: other === undefined ? [drawn(row, 'finding')] : [drawn(row, 'finding'), drawn(other, 'other')],
  }
}

/** Size of a row's box in pixels; null when the size of its image is not known. */
export function pixelSize(dataset: Dataset, row: number): { w: number; h: number; W: number; H: number } | null {
  const image = dataset.images[dataset.boxes.image[row] as number]
  if (!image || image.width === 0 || image.height === 0) return null
  const { width: W, height: H } = image
  return { w: (dataset.boxes.w[row] as number) * W, h: (dataset.boxes.h[row] as number) * H, W, H }
}

/** The first few of a list and how many more there are: a, b and 7 more. */
export function firstFew(list: readonly string[], most = 3): string {
  const rest = list.length - most
  return rest > 0 ? `${list.slice(0, most).join(', ')} and ${rest} more` : list.join(', ')
}

/** A finding about the data set as a whole. */
export function wholeFinding(message: string, key: string): RawFinding {
  return { file: '', line: 0, image: null, message, key }
}

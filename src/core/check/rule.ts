import { type Dataset, rowStarts } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import type { DatasetSpecBody } from '../documents/declared.ts'
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
  check: (context: RuleContext) => RawFinding[]
}

/** The context of a data set; `limits` are those of a policy over the rules' own. */
export function ruleContext(
  dataset: Dataset,
  limitOf: (rule: string) => number,
  more: { base?: Dataset | null; spec?: DatasetSpecBody | null } = {},
): Omit<RuleContext, 'limit'> {
  const images = Uint32Array.from(dataset.images, (_, i) => i)
  return { dataset, start: rowStarts(dataset), images, base: more.base ?? null, spec: more.spec ?? null, limitOf }
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

/** Name of a row's class; its number when it has none. */
export function classNameOf(dataset: Dataset, row: number): string {
  const classId = dataset.boxes.classId[row] as number
  return dataset.classes[classId] ?? `class ${classId}`
}

/** What a row is, whatever its line: class name and coordinates rounded to 1e-6. */
function rowKey(dataset: Dataset, row: number): string {
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

/** Findings of the rows that a test gives a message for. */
export function rowFindings(context: RuleContext, test: (row: number) => string | null): RawFinding[] {
  const found: RawFinding[] = []
  for (const image of context.images) {
    for (let row = context.start[image] as number; row < (context.start[image + 1] as number); row++) {
      const message = test(row)
      if (message !== null) found.push(rowFinding(context, row, message))
    }
  }
  return found
}

/** Size of a row's box in pixels; null when the size of its image is not known. */
export function pixelSize(dataset: Dataset, row: number): { w: number; h: number; W: number; H: number } | null {
  const image = dataset.images[dataset.boxes.image[row] as number]
  if (!image || image.width === 0 || image.height === 0) return null
  const { width: W, height: H } = image
  return { w: (dataset.boxes.w[row] as number) * W, h: (dataset.boxes.h[row] as number) * H, W, H }
}

/** A finding about the data set as a whole. */
export function wholeFinding(message: string, key: string): RawFinding {
  return { file: '', line: 0, image: null, message, key }
}

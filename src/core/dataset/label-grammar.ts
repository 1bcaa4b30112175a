/** What label rows are read by: the classes, and the shape of keypoints where the set declares one. */
export type LabelGrammar = {
  /** 0 where classes are not known. */
  classCount: number
  /** Names by class id, so that a name written in place of an id can be told; may be empty. */
  names: readonly string[]
  /** `kpt_shape` of a pose set: points a row, and 2 or 3 numbers a point. */
  keypoints: { count: number; dims: number } | null
}

/** The grammar of boxes and polygons of so many classes. */
export function plainGrammar(classCount: number): LabelGrammar {
  return { classCount, names: [], keypoints: null }
}

/** Fields of a row with keypoints; -1 where the set has none. */
export function poseFields({ keypoints }: LabelGrammar): number {
  return keypoints ? 5 + keypoints.count * keypoints.dims : -1
}

/** What is wrong with a row of this many fields. `last` is the number in its last field. */
export function columnsMessage(tokens: number, last: number, grammar: LabelGrammar): string {
  const { keypoints } = grammar
  if (keypoints) {
    const shape = `kpt_shape [${keypoints.count}, ${keypoints.dims}]`
    return `${tokens} fields; with ${shape} a row has ${poseFields(grammar)}: class, box and keypoints`
  }
  if (tokens === 6) {
    const what = last >= 0 && last <= 1 ? 'this one looks like the confidence of a prediction' : 'it is no label'
    return `6 fields, a box has 5; a sixth is a confidence or a track (${what}), and the loader drops the image`
  }
  if (tokens < 5) return `${tokens} field${tokens === 1 ? '' : 's'}, a box has 5: class, x, y, width, height`
  const pose = (tokens - 5) % 3 === 0 ? `; ${(tokens - 5) / 3} keypoints would need kpt_shape in data.yaml` : ''
  return `${tokens} fields: a polygon has a class and pairs of x and y${pose}`
}

/** What is wrong with a class, shown as `shown` and written as `text`; `row` are the five numbers of a box, if it is one. */
export function classMessage(shown: string, text: string, row: readonly number[], grammar: LabelGrammar): string {
  const { classCount, names } = grammar
  const [classId = Number.NaN] = row
  if (Number.isInteger(classId) && classCount > 0 && classId >= classCount) {
    return `class ${shown}, but there are only classes 0 to ${classCount - 1}`
  }
  if (Number.isInteger(classId) && classId > 0) return `class ${shown} is past any number of classes`
  const range = classCount > 0 ? ` from 0 to ${classCount - 1}` : ' from 0'
  const named = names.findIndex((name) => name.toLowerCase() === text.toLowerCase())
  const hint =
    named >= 0 ? `; the class of this name has the id ${named}` : classIsLast(row, classCount) ? lastHint(row) : ''
  return `class ${shown} is not a whole number${range}${hint}`
}

/** Whether a row reads as x, y, width, height and then the class. */
function classIsLast(row: readonly number[], classCount: number): boolean {
  const [x = -1, y = -1, w = -1, h = -1, id = -1] = row
  const share = (value: number) => value >= 0 && value <= 1
  return (
    row.length === 5 && [x, y, w, h].every(share) && Number.isInteger(id) && id >= 0 && id < (classCount || Infinity)
  )
}

function lastHint(row: readonly number[]): string {
  return `; the class seems to be written last: write "${row[4]} ${row.slice(0, 4).join(' ')}"`
}

/** How a field that is no number could be meant; empty when nothing is known. */
export function numberHint(text: string): string {
  if (/^-?\d+,\d+$/.test(text)) return `; write a point: ${text.replace(',', '.')}`
  if (/^[-+]?(?:nan|inf|infinity)$/i.test(text)) return '; remove the row or draw the box again'
  return ''
}

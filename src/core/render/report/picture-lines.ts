import { fromYolo, iou } from '../../geometry/boxes.ts'
import type { PictureBox } from '../report-input.ts'

type Kind = { color: string; word: string; dashed?: boolean; quiet?: boolean }

/** Kinds of line, the one that matters most first: it is labelled first and drawn last, on top. */
const kinds = {
  finding: { color: '#ff8a3d', word: 'the finding' },
  suspect: { color: '#ffc53d', word: 'label in doubt' },
  wrong: { color: '#f08fd2', word: 'said, but not there', dashed: true },
  missed: { color: '#ff8a3d', word: 'there, but missed' },
  relabelled: { color: '#f08fd2', word: 'relabelled' },
  moved: { color: '#5cb8ff', word: 'moved or resized' },
  removed: { color: '#ff8a3d', word: 'removed', dashed: true },
  added: { color: '#2fe0a8', word: 'added' },
  prediction: { color: '#5cb8ff', word: 'what the model says', dashed: true },
  truth: { color: '#2fe0a8', word: 'label' },
  found: { color: '#2fe0a8', word: 'found', quiet: true },
  unchanged: { color: '#d5d8de', word: 'unchanged', quiet: true },
} satisfies Record<string, Kind>

export type KindName = keyof typeof kinds
export const kindNames = Object.keys(kinds) as KindName[]
export type Line = { kind: KindName; text: string; box: number[] }

export function kindOf(name: KindName): Kind {
  return kinds[name]
}

/** What to draw. Where labels and predictions meet, the pairs at IoU .5 become one quiet box, so that mistakes stand out. */
export function linesOf(boxes: PictureBox[]): Line[] {
  const truths = boxes.filter(({ role }) => role === 'truth')
  const said = boxes.filter(({ role }) => role === 'prediction')
  const others = boxes.filter(({ role }) => role !== 'truth' && role !== 'prediction')
  const line = (kind: KindName, { label, box }: PictureBox): Line => ({ kind, text: label, box })
  const rest = others.map((box) => line(box.role as KindName, box))
  if (truths.length === 0) return [...said.map((box) => line('prediction', box)), ...rest]
  const open = new Set(truths)
  const wrong = said.filter((prediction) => {
    const hit = [...open]
      .filter((truth) => truth.label === className(prediction.label))
      .map((truth) => ({ truth, overlap: overlapOf(truth, prediction) }))
      .sort((a, b) => b.overlap - a.overlap)[0]
    if (!hit || hit.overlap < 0.5) return true
    open.delete(hit.truth)
    return false
  })
  return [
    ...truths.map((truth) => line(open.has(truth) ? 'missed' : 'found', truth)),
    ...wrong.map((box) => line('wrong', box)),
    ...rest,
  ]
}

/** A prediction's label carries its confidence: "vest 0.91". */
function className(label: string): string {
  return label.replace(/ [\d.]+$/, '')
}

function overlapOf(a: PictureBox, b: PictureBox): number {
  const [first, second] = [a, b].map(({ box: [x = 0, y = 0, w = 0, h = 0] }) => fromYolo(x, y, w, h, 1, 1))
  return first && second ? iou(first, second) : 0
}

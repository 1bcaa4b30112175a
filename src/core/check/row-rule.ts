import type { Dataset } from '../dataset/model.ts'
import {
  type Limits,
  type RawFinding,
  type RowJudge,
  type RowView,
  type Rule,
  type RuleContext,
  rowFinding,
} from './rule.ts'

/** A rule about one row at a time. Rules of this kind are judged together, in one pass over the rows. */
export function rowRule(rule: Omit<Rule, 'check' | 'scope' | 'row'> & RowJudge): Rule {
  const { fails, message, ...rest } = rule
  const row = { fails, message }
  const check = (context: RuleContext) => judgeRows(context, [{ ...row, limit: context.limit }])[0] as RawFinding[]
  return { ...rest, scope: 'image', row, check }
}

/** Findings of each judge over the rows of `context.images`; nothing is allocated for a row that all pass. */
export function judgeRows(
  context: Omit<RuleContext, 'limit'>,
  judges: readonly (RowJudge & { limit: number })[],
): RawFinding[][] {
  const { dataset, start, images, limitOf } = context
  const limits: Limits[] = judges.map(({ limit }) => ({ limit, limitOf }))
  const found: RawFinding[][] = judges.map(() => [])
  const view = emptyView()
  for (const image of images) {
    const to = start[image + 1] as number
    for (let row = start[image] as number; row < to; row++) {
      fillView(view, dataset, image, row)
      for (let i = 0; i < judges.length; i++) {
        const judge = judges[i] as RowJudge
        if (!judge.fails(view, limits[i] as Limits)) continue
        found[i]?.push(rowFinding(context, row, judge.message(view, limits[i] as Limits)))
      }
    }
  }
  return found
}

function fillView(view: RowView, { boxes, images }: Dataset, image: number, row: number): void {
  const { width, height } = images[image] as { width: number; height: number }
  const known = width > 0 && height > 0
  const cx = boxes.cx[row] as number
  const cy = boxes.cy[row] as number
  const w = boxes.w[row] as number
  const h = boxes.h[row] as number
  view.row = row
  view.classId = boxes.classId[row] as number
  view.cx = cx
  view.cy = cy
  view.w = w
  view.h = h
  view.left = cx - w / 2
  view.top = cy - h / 2
  view.right = cx + w / 2
  view.bottom = cy + h / 2
  view.imageWidth = known ? width : 0
  view.imageHeight = known ? height : 0
  view.widthPx = known ? w * width : Number.NaN
  view.heightPx = known ? h * height : Number.NaN
}

function emptyView(): RowView {
  // Fractions from the start: fields that once held small integers are represented anew at the first fraction.
  const none = 0.5
  return {
    ...{ row: 0, classId: 0, cx: none, cy: none, w: none, h: none, left: none, top: none, right: none, bottom: none },
    ...{ imageWidth: 0, imageHeight: 0, widthPx: none, heightPx: none },
  }
}

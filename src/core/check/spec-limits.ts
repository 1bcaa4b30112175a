import type { BoxProvenance, Dataset } from '../dataset/model.ts'
import type { DatasetSpecBody, LabelLimits } from '../documents/declared.ts'
import { provenanceByRow } from './box-provenance.ts'
import { classNameOf, pixelSize, type RawFinding, type RuleContext, rowFinding } from './rule.ts'

/** A box that a rule of the spec is about: its class's limits, what provenance says of it, and the rule's name. */
export type Limited = { row: number; limits: LabelLimits; attributes: BoxProvenance | null; rule: string }

/** Boxes of an image with limits, those marked `ignore` left out; a class with two rules comes twice. */
export function limitedBoxes(context: RuleContext, image: number, byClass: Map<number, SpecRule[]>): Limited[] {
  const { dataset, start } = context
  const found: Limited[] = []
  const entriesOf = provenanceByRow(context, image)
  for (let row = start[image] as number; row < (start[image + 1] as number); row++) {
    for (const { limits, rule } of byClass.get(dataset.boxes.classId[row] as number) ?? []) {
      const attributes = entriesOf(row)[0] ?? null
      if (!attributes?.ignore) found.push({ row, limits, attributes, rule })
    }
  }
  return found
}

export type SpecRule = { limits: LabelLimits; rule: string }

/** Rules with limits by class id of the data set; null when the spec has none, so that no box need be looked at. */
export function rulesByClass(dataset: Dataset, spec: DatasetSpecBody | null): Map<number, SpecRule[]> | null {
  const byClass = new Map<number, SpecRule[]>()
  for (const { class: name, id, limits } of spec?.labels?.rules ?? []) {
    const classId = dataset.classes.indexOf(name)
    if (!limits || classId < 0) continue
    byClass.set(classId, [...(byClass.get(classId) ?? []), { limits, rule: id ?? name }])
  }
  return byClass.size > 0 ? byClass : null
}

/** Findings of the boxes that a test over limits gives a message for; the message names class and rule. */
export function limitFindings(context: RuleContext, test: (box: Limited) => string | null): RawFinding[] {
  const byClass = rulesByClass(context.dataset, context.spec)
  if (!byClass) return []
  const found: RawFinding[] = []
  for (const image of context.images) {
    for (const box of limitedBoxes(context, image, byClass)) {
      const message = test(box)
      if (message === null) continue
      const where = `${classNameOf(context.dataset, box.row)}: ${message} (rule "${box.rule}" of the spec)`
      const finding = rowFinding(context, box.row, where)
      found.push({ ...finding, key: `${box.rule} ${finding.key}` })
    }
  }
  return found
}

/** Shorter side of a box in pixels at the size that the limit is measured at, and what six decimals may take from it. */
export function shorterSide(
  dataset: Dataset,
  row: number,
  { reference, trainingSize = 0 }: NonNullable<LabelLimits['minimumSide']>,
): { pixels: number; rounding: number } | null {
  const size = pixelSize(dataset, row)
  if (!size) return null
  const longest = Math.max(size.W, size.H)
  const scale = reference === 'native' ? 1 : trainingSize / longest
  return { pixels: Math.min(size.w, size.h) * scale, rounding: 1e-6 * longest * scale }
}

/** Share of a box that can be seen: (1 − occlusion) × share of it inside the picture. */
export function visibleShare(dataset: Dataset, row: number, attributes: BoxProvenance | null): number {
  const { cx, cy, w, h } = dataset.boxes
  const inside = (centre: number, side: number) =>
    side > 0 ? Math.max(0, Math.min(1, centre + side / 2) - Math.max(0, centre - side / 2)) / side : 1
  const seen = inside(cx[row] as number, w[row] as number) * inside(cy[row] as number, h[row] as number)
  return (1 - (attributes?.occlusion ?? 0)) * seen
}

/** Sides of the picture that a box comes within 2 px of; null when the picture's size is not known. */
export function touchedEdges(dataset: Dataset, row: number): string[] | null {
  const size = pixelSize(dataset, row)
  if (!size) return null
  const { W, H } = size
  const [x, y] = [(dataset.boxes.cx[row] as number) * W, (dataset.boxes.cy[row] as number) * H]
  const gaps = { left: x - size.w / 2, top: y - size.h / 2, right: W - x - size.w / 2, bottom: H - y - size.h / 2 }
  return Object.entries(gaps).flatMap(([edge, gap]) => (gap <= 2 ? [edge] : []))
}

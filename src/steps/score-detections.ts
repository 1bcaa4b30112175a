import type { EvaluationBody } from '../core/documents/evaluation.ts'
import { type CocoResult, evaluateCoco } from '../core/metrics/coco-ap.ts'
import type { DetectionColumns, TruthColumns } from '../core/metrics/columns.ts'
import type { DetectionOrder } from '../core/metrics/detection-order.ts'
import { countAtPoint, type OperatingPoint, ratesOf } from '../core/metrics/operating-point.ts'
import { evaluateUltralytics } from '../core/metrics/ultralytics-ap.ts'
import { groupByKey } from '../core/stats/order.ts'

export type DetectionsToScore = {
  truth: TruthColumns
  detections: DetectionColumns
  classNames: string[]
  /** Key of each class in `coco.perClass` and `ultralytics.perClass`; its index unless given. */
  categoryIds?: (string | number)[]
  operatingPoint?: OperatingPoint
  /** Row whose annotation id is 0 in a COCO file. */
  zeroIdRow?: number
}

/** Where precision and recall by class are read unless told otherwise. */
export const usualPoint: OperatingPoint = { confidence: 0.25, iou: 0.5 }

/** What a terminal and `--json` show of an evaluation: COCO's and Ultralytics' numbers and those at one confidence. */
export type Scores = Pick<EvaluationBody, 'coco' | 'ultralytics' | 'perClass' | 'operatingPoint'>

const keysOf = ({ categoryIds, classNames }: DetectionsToScore) =>
  (categoryIds ?? classNames.map((_, c) => c)).map(String)

/** COCO's twelve numbers and AP by class: what its reference code computes, and nothing else. */
export function scoreAsCoco(input: DetectionsToScore): Pick<Scores, 'coco'> {
  return { coco: cocoOf(input, evaluateCoco(input.truth, input.detections, input.zeroIdRow)) }
}

/** Ultralytics' numbers, and nothing else. */
export function scoreAsUltralytics(input: DetectionsToScore): Pick<Scores, 'ultralytics'> {
  return { ultralytics: ultralyticsOf(input) }
}

function cocoOf(input: DetectionsToScore, { stats, perClass }: CocoResult): Scores['coco'] {
  return { stats, perClass: Object.fromEntries(keysOf(input).map((key, c) => [key, perClass[c]!])) }
}

function ultralyticsOf(input: DetectionsToScore, order?: DetectionOrder): Scores['ultralytics'] {
  const keys = keysOf(input)
  const { confidence: _, perClass, ...means } = evaluateUltralytics(input.truth, input.detections, order)
  return {
    ...means,
    perClass: Object.fromEntries(perClass.map(({ classId, ...numbers }) => [keys[classId]!, numbers])),
  }
}

/** The numbers alone, at half the cost of everything. */
export function scoreDetections(input: DetectionsToScore) {
  const { truth, detections, classNames, zeroIdRow } = input
  const operatingPoint = input.operatingPoint ?? usualPoint
  const coco = evaluateCoco(truth, detections, zeroIdRow)
  const counts = countAtPoint(truth, detections, operatingPoint)
  const present = presence(truth)
  const scores: Scores = {
    coco: cocoOf(input, coco),
    ultralytics: ultralyticsOf(input, coco.matching),
    perClass: classNames.map((className, c) => ({
      className,
      ...present[c]!,
      ap: coco.perClass[c]!,
      ap50: coco.perClass50[c]!,
      ...ratesOf(counts, c),
    })),
    operatingPoint,
  }
  return { scores, coco, counts }
}

/** Ground truth of each class without crowds, and the images that hold some. */
function presence(truth: TruthColumns): { images: number; boxes: number }[] {
  const { start, members } = groupByKey(truth.classId, truth.classCount)
  const seenBy = new Int32Array(truth.imageCount).fill(-1)
  return Array.from({ length: truth.classCount }, (_, c) => {
    let [images, boxes] = [0, 0]
    for (let i = start[c]!; i < start[c + 1]!; i++) {
      const row = members[i]!
      if (truth.crowd[row]) continue
      boxes++
      if (seenBy[truth.image[row]!] !== c) images++
      seenBy[truth.image[row]!] = c
    }
    return { images, boxes }
  })
}

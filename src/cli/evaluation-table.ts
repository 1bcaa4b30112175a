import type { Scores } from '../steps/evaluate-detections.ts'

const cocoNames = ['AP', 'AP50', 'AP75', 'AP small', 'AP medium', 'AP large', 'AR1', 'AR10', 'AR100']

/** An Evaluation for a terminal: overall lines, then a row a class; a dash where there is no ground truth. */
export function evaluationTable(body: Scores): string[] {
  const { coco, ultralytics, perClass, operatingPoint } = body
  const width = Math.max(5, ...perClass.map(({ className }) => Math.min(24, className.length)))
  const row = (cells: string[]) => cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(9))).join('')
  return [
    `COCO         ${cocoNames.map((name, i) => `${name} ${shown(coco.stats[i]!)}`).join(' · ')}`,
    `Ultralytics  mAP50 ${shown(ultralytics.map50)} · mAP50-95 ${shown(ultralytics.map)} (not comparable with COCO's)`,
    '',
    `at confidence ${operatingPoint.confidence} and IoU ${operatingPoint.iou}:`,
    row(['class', 'boxes', 'AP', 'AP50', 'precision', 'recall', 'F1']),
    ...perClass.map((c) =>
      row([
        c.className.slice(0, width),
        String(c.boxes),
        ...[c.ap, c.ap50, c.precision, c.recall, c.f1].map((value) => shown(value)),
      ]),
    ),
  ]
}

function shown(value: number): string {
  return value < 0 ? '–' : value.toFixed(3)
}

import type { Scores } from '../steps/score-detections.ts'

const cocoNames = [
  ['AP', 'AP50', 'AP75', 'AP small', 'AP medium', 'AP large'],
  ['AR1', 'AR10', 'AR100', 'AR small', 'AR medium', 'AR large'],
]

/**
 * An Evaluation for a terminal: overall lines, then a row a class; a dash where there is no ground truth. What was not
 * computed has no line.
 */
export function evaluationTable(body: Partial<Scores>): string[] {
  const { coco, ultralytics, perClass = [], operatingPoint } = body
  const lines: string[] = []
  if (coco) {
    const named = cocoNames.map((names, half) => names.map((name, i) => `${name} ${shown(coco.stats[6 * half + i]!)}`))
    lines.push(...named.map((cells, half) => `${(half === 0 ? 'COCO' : '').padEnd(12)} ${cells.join(' · ')}`))
  }
  if (ultralytics) {
    const { map50, map } = ultralytics
    lines.push(`Ultralytics  mAP50 ${shown(map50)} · mAP50-95 ${shown(map)} (not comparable with COCO's)`)
  }
  if (!operatingPoint) return lines
  const width = Math.max(5, ...perClass.map(({ className }) => Math.min(24, className.length)))
  const row = (cells: string[]) => cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(9))).join(' ')
  return [
    ...lines,
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

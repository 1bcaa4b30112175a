import { printable } from '../documents/printable.ts'

/** One planted defect or control, as the doctor tells it. */
type Line = { id: string; summary: string; outcome: string; rules: readonly string[]; says: string }

type Report = {
  verdict: string
  sample: { images: number; of: number; boxes: number }
  defects: Line[]
  controls: Line[]
  notes: string[]
}

const good = new Set(['blocked', 'warned', 'noted', 'silent'])

/** The doctor's table: what is not well first and in full, then a line a defect. */
export function doctorTerminal(report: Report): string {
  const { defects, controls, sample, notes } = report
  const of = (lines: readonly Line[], ...outcomes: string[]) =>
    lines.filter(({ outcome }) => outcomes.includes(outcome))
  const caught = of(defects, 'blocked', 'warned', 'noted')
  const planted = of(defects, 'blocked', 'warned', 'noted', 'missed')
  const tried = of(controls, 'silent', 'blamed')
  const head = [
    `${report.verdict}: ${caught.length} of ${planted.length} planted defects are caught, ${of(controls, 'blamed').length} of ${tried.length} harmless changes are blamed`,
    `  sample: ${sample.images} of ${sample.images === sample.of ? 'all ' : ''}${sample.of} images, ${sample.boxes} boxes`,
    ...notes.map((note) => `  ${note}`),
  ]
  const table = [...of(defects, 'missed'), ...caught].map(row)
  const quiet = of(controls, 'blamed').map(row)
  const silent = of(controls, 'silent').map(({ id }) => id)
  const unseen = of(defects, 'needs champion')
  const absent = [...of(defects, 'not applicable'), ...of(controls, 'not applicable')]
  return [
    ...head,
    '',
    ...table,
    ...(quiet.length > 0 ? ['', 'blamed without reason:', ...quiet] : []),
    ...(silent.length > 0 ? ['', `rightly silent: ${silent.join(', ')}`] : []),
    ...(unseen.length > 0
      ? ['', 'plausible by their numbers; only a champion sees them (--champion MODEL.onnx):']
      : []),
    ...unseen.map(({ id, summary }) => `  ${id.padEnd(24)} ${summary}`),
    ...(absent.length > 0 ? ['', 'cannot be planted in this data set; it lacks:'] : []),
    ...absent.map(({ id, says }) => `  ${id.padEnd(24)} ${says}`),
  ]
    .map(printable)
    .join('\n')
}

function row({ id, outcome, rules, summary }: Line): string {
  const mark = good.has(outcome) ? outcome : outcome.toUpperCase()
  return `  ${id.padEnd(24)} ${mark.padEnd(8)} ${rules.slice(0, 2).join(', ').padEnd(32)} ${summary}`
}

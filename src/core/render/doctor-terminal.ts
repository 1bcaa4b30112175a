import { printable } from '../documents/printable.ts'
import type { GateTest } from './report-input.ts'

/** One planted defect or control, as the doctor tells it. */
type Line = { id: string; summary: string; outcome: string; rules: readonly string[]; says: string }

type Report = {
  verdict: string
  sample: { images: number; of: number; boxes: number }
  defects: Line[]
  controls: Line[]
  notes: string[]
}

const found = ['blocked', 'warned', 'noted']
const good = new Set([...found, 'silent'])

/** The doctor's table: what is not well first and in full, then a line a defect. */
export function doctorTerminal(report: Report): string {
  const { defects, controls, notes } = report
  const caught = of(defects, ...found)
  const head = [
    `${report.verdict}: ${headline(report)}`,
    `  sample: ${sampleOf(report)}`,
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

/** The same as a part of a story's report; faults that only a model sees are told, and not counted. */
export function dataGateTest(report: Report): GateTest {
  const { defects, controls, notes } = report
  const rows = [
    ...of(defects, 'missed').map((line) => gateRow(line, 'fail')),
    ...of(controls, 'blamed').map((line) => gateRow(line, 'fail')),
    ...of(defects, 'needs champion').map((line) =>
      gateRow({ ...line, rules: ['only a champion can see it'] }, 'skipped'),
    ),
    ...of(defects, ...found).map((line) => gateRow(line, 'pass')),
    ...of(controls, 'silent').map((line) => gateRow(line, 'pass')),
    ...of([...defects, ...controls], 'not applicable').map((line) =>
      gateRow({ ...line, rules: [`the data lacks ${line.says}`] }, 'skipped'),
    ),
  ]
  const [caught, planted] = [of(defects, ...found).length, of(defects, ...found, 'missed').length]
  return { of: 'data', caught, planted, headline: headline(report), sample: sampleOf(report), rows, notes }
}

function gateRow({ id, outcome, rules, summary }: Line, verdict: GateTest['rows'][number]['verdict']) {
  return { id, outcome, verdict, by: rules.join(', '), summary }
}

function headline({ defects, controls }: Report): string {
  const [caught, planted] = [of(defects, ...found), of(defects, ...found, 'missed')]
  const tried = of(controls, 'silent', 'blamed')
  return `${caught.length} of ${planted.length} planted defects are caught, ${of(controls, 'blamed').length} of ${tried.length} harmless changes are blamed`
}

function sampleOf({ sample }: Report): string {
  return `${sample.images} of ${sample.images === sample.of ? 'all ' : ''}${sample.of} images, ${sample.boxes} boxes`
}

function of(lines: readonly Line[], ...outcomes: string[]): Line[] {
  return lines.filter(({ outcome }) => outcomes.includes(outcome))
}

function row({ id, outcome, rules, summary }: Line): string {
  const mark = good.has(outcome) ? outcome : outcome.toUpperCase()
  return `  ${id.padEnd(24)} ${mark.padEnd(8)} ${rules.slice(0, 2).join(', ').padEnd(32)} ${summary}`
}

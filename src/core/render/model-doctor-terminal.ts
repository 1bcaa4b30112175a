import { printable } from '../documents/printable.ts'
import type { GateTest } from './report-input.ts'

type Line = {
  id: string
  summary: string
  outcome: string
  gates: readonly string[]
  message: string
  map: number | null
}

type Report = {
  verdict: string
  sample: { images: number; of: number; scenes: number }
  map: number
  mutants: readonly Line[]
  controls: readonly Line[]
  notes: readonly string[]
}

const killed = ['failed', 'held', 'refused']

/** The model doctor's table: what got through first, then a line a mutant with the gates that stop it. */
export function modelDoctorTerminal(report: Report): string {
  const { verdict, mutants, controls, notes } = report
  const survived = of(mutants, 'survived')
  const caught = of(mutants, ...killed)
  const blamed = of(controls, 'blamed')
  const silent = of(controls, 'silent').map(({ id }) => id)
  const without = [...of(mutants, 'no effect'), ...of([...mutants, ...controls], 'not applicable')]
  return [
    `${verdict}: ${headline(report)}`,
    `  sample: ${sampleOf(report)}`,
    ...notes.map((note) => `  ${note}`),
    '',
    ...[...survived, ...caught].map(row),
    ...(blamed.length > 0
      ? ['', 'blamed though nothing was planted:', ...blamed.flatMap((line) => [row(line), `    ${line.message}`])]
      : []),
    ...(silent.length > 0 ? ['', `rightly not blamed: ${silent.join(', ')}`] : []),
    ...(without.length > 0 ? ['', 'not counted:'] : []),
    ...without.map(
      ({ id, message, outcome, summary }) =>
        `  ${id.padEnd(24)} ${outcome === 'no effect' ? `the same boxes on these images: ${summary}` : message}`,
    ),
  ]
    .map(printable)
    .join('\n')
}

/** The same as a part of a story's report. */
export function modelGateTest(report: Report): GateTest {
  const { mutants, controls, notes } = report
  const rows = [
    ...of(mutants, 'survived').map((line) => gateRow(line, 'fail')),
    ...of(controls, 'blamed').map((line) => gateRow(line, 'fail')),
    ...of(mutants, ...killed).map((line) => gateRow(line, 'pass')),
    ...of(controls, 'silent').map((line) => gateRow(line, 'pass')),
    ...of([...mutants, ...controls], 'no effect', 'not applicable').map((line) => gateRow(line, 'skipped')),
  ]
  const [caught, planted] = [of(mutants, ...killed).length, of(mutants, ...killed, 'survived').length]
  return { of: 'model', caught, planted, headline: headline(report), sample: sampleOf(report), rows, notes: [...notes] }
}

function gateRow(line: Line, verdict: GateTest['rows'][number]['verdict']): GateTest['rows'][number] {
  const { id, outcome, summary, message } = line
  const without = outcome === 'no effect' ? 'the same boxes on these images' : message
  return { id, outcome, verdict, by: verdict === 'skipped' ? without : stoppedBy(line), summary }
}

function headline({ mutants, controls }: Report): string {
  const [caught, planted] = [of(mutants, ...killed), of(mutants, ...killed, 'survived')]
  return `${caught.length} of ${planted.length} mutants are killed, ${of(controls, 'blamed').length} of ${of(controls, 'blamed', 'silent').length} controls are blamed`
}

function sampleOf({ sample, map }: Report): string {
  return `${sample.images} of ${sample.of} images in ${sample.scenes} scenes, mAP50-95 ${map.toFixed(3)}`
}

function of(lines: readonly Line[], ...outcomes: string[]): Line[] {
  return lines.filter(({ outcome }) => outcomes.includes(outcome))
}

/** What refused says why, since no gate was reached. */
function stoppedBy({ outcome, gates, message }: Line): string {
  if (outcome === 'refused') return message
  return gates.length > 2 ? `${gates.slice(0, 2).join(', ')} and ${gates.length - 2} more` : gates.join(', ')
}

function row(line: Line): string {
  const { id, outcome, map, summary } = line
  const mark = killed.includes(outcome) ? outcome : outcome.toUpperCase()
  const by = stoppedBy(line)
  const score = map === null ? '' : map.toFixed(3)
  return `  ${id.padEnd(24)} ${mark.padEnd(8)} ${score.padStart(5)}  ${summary}${by ? `: ${by}` : ''}`
}

import { printable } from '../documents/printable.ts'

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
export function modelDoctorTerminal({ verdict, sample, map, mutants, controls, notes }: Report): string {
  const of = (lines: readonly Line[], ...outcomes: string[]) =>
    lines.filter(({ outcome }) => outcomes.includes(outcome))
  const survived = of(mutants, 'survived')
  const caught = of(mutants, ...killed)
  const blamed = of(controls, 'blamed')
  const silent = of(controls, 'silent').map(({ id }) => id)
  const without = [...of(mutants, 'no effect'), ...of([...mutants, ...controls], 'not applicable')]
  const tried = blamed.length + silent.length
  return [
    `${verdict}: ${caught.length} of ${caught.length + survived.length} mutants are killed, ${blamed.length} of ${tried} controls are blamed`,
    `  sample: ${sample.images} of ${sample.of} images in ${sample.scenes} scenes, mAP50-95 ${map.toFixed(3)}`,
    ...notes.map((note) => `  ${note}`),
    '',
    ...[...survived, ...caught].map(row),
    ...(blamed.length > 0
      ? ['', 'blamed without reason:', ...blamed.flatMap((line) => [row(line), `    ${line.message}`])]
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

/** What refused says why, since no gate was reached. */
function row({ id, outcome, gates, map, message, summary }: Line): string {
  const mark = killed.includes(outcome) ? outcome : outcome.toUpperCase()
  const by =
    outcome === 'refused'
      ? message
      : gates.length > 2
        ? `${gates.slice(0, 2).join(', ')} and ${gates.length - 2} more`
        : gates.join(', ')
  const score = map === null ? '' : map.toFixed(3)
  return `  ${id.padEnd(24)} ${mark.padEnd(8)} ${score.padStart(5)}  ${summary}${by ? `: ${by}` : ''}`
}

import type { FindingsBody } from '../../documents/findings.ts'
import type { TrainingConfiguration } from './configuration.ts'

export type LintFinding = { argument: string; line?: number; message: string; mend: string }

/** One piece of advice that is out of date, or one setting that does not do what it seems to. */
export type LintRule = {
  id: string
  severity: FindingsBody['findings'][number]['severity']
  /** One line for the documentation. */
  says: string
  check: (configuration: TrainingConfiguration) => LintFinding[]
}

/** The number an argument is set to; the trainer’s default when it is not set; null when it is no number. */
export function numberOf({ entries }: TrainingConfiguration, name: string, otherwise: number | null = null) {
  const entry = entries.get(name)
  if (!entry) return otherwise
  return typeof entry.value === 'number' ? entry.value : null
}

/** A finding for every argument of a run that is in the set. */
export function eachOf(
  { entries }: TrainingConfiguration,
  names: Pick<ReadonlySet<string>, 'has'>,
  say: (name: string) => Omit<LintFinding, 'argument' | 'line'>,
): LintFinding[] {
  return [...entries.keys()].filter((name) => names.has(name)).map((name) => ({ argument: name, ...say(name) }))
}

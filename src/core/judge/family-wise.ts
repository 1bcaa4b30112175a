import type { GatePolicyBody } from '../documents/declared.ts'
import { gateKinds } from './gates/all.ts'

export type FamilyWise = {
  /** Lines that judge an estimate, each with its chance to fail when nothing is worse. */
  counted: number
  /** Lines on numbers that have no error of their own: an evaluation, a count, a size. */
  uncounted: number
  /** Chance that any counted line fails: were they independent, and at most whatever ties them together (Bonferroni). */
  independent: number
  most: number
}

/** How often a policy fails a candidate that is not worse in anything: one line in a hundred is a policy in nine. */
export function familyWise(policy: Pick<GatePolicyBody, 'gates'>): FamilyWise {
  const alarms = (policy.gates ?? []).map((line) => gateKinds.find(({ name }) => name === line.gate)?.falseAlarm(line))
  const chances = alarms.filter((chance) => typeof chance === 'number')
  return {
    counted: chances.length,
    uncounted: alarms.length - chances.length,
    independent: 1 - chances.reduce((none, chance) => none * (1 - chance), 1),
    most: Math.min(
      1,
      chances.reduce((sum, chance) => sum + chance, 0),
    ),
  }
}

/** One sentence for a verdict; null where no line of the policy judges an estimate. */
export function familyWiseNote(policy: Pick<GatePolicyBody, 'gates'>): string | null {
  const { counted, uncounted, independent, most } = familyWise(policy)
  if (counted === 0) return null
  const percent = (chance: number) => `${(100 * chance).toFixed(1)} %`
  const rest = uncounted > 0 ? `; ${uncounted} more judge numbers without an error of their own` : ''
  return `When nothing is worse, one of the ${counted} lines on estimates fails by chance in ${percent(independent)} of cases if they are independent, ${percent(most)} at most${rest}.`
}

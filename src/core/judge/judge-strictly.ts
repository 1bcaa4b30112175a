import type { GatePolicyBody } from '../documents/declared.ts'
import type { Document, Subject } from '../documents/define.ts'
import type { VerdictBody } from '../documents/verdict.ts'
import { settledVerdict } from './acceptance.ts'
import { type JudgeOptions, judge } from './judge.ts'
import { loosened } from './loosened.ts'

/** A policy that a proposal may not fall below: the base's own, or an organisation's floor. */
export type Floor = { policy: GatePolicyBody; name: string }

const worstFirst: readonly VerdictBody['verdict'][] = ['fail', 'inconclusive', 'pass']

/**
 * Judges by a policy and by every floor; the strictest answer is the verdict. Its notes say what each of the others
 * answers and which of their lines the policy loosens, so that nobody lowers a limit in the change that needs it.
 */
export function judgeStrictly(
  policy: GatePolicyBody,
  floors: readonly Floor[],
  evidence: readonly Document[],
  subject: Subject,
  options: JudgeOptions = {},
): Document<'Verdict', VerdictBody> {
  if (floors.length === 0) return judge(policy, evidence, subject, options)
  const { accepted = [], ...open } = options
  const proposed = { name: 'the proposal', document: judge(policy, evidence, subject, open), loosens: [] as string[] }
  const answers = [
    proposed,
    ...floors.map((floor) => ({
      name: floor.name,
      document: judge(floor.policy, evidence, subject, open),
      loosens: loosened(floor.policy, policy),
    })),
  ]
  const rank = ({ document }: typeof proposed) => worstFirst.indexOf(document.body.verdict)
  const strictest = answers.reduce((worst, answer) => (rank(answer) < rank(worst) ? answer : worst))
  const { document } = strictest
  const notes = [
    ...(document.body.notes ?? []),
    `Judged by ${answers.map(({ name, document: { body } }) => `${name} (${body.verdict})`).join(' and ')}; ${strictest.name} decides.`,
    ...answers.flatMap(({ name, loosens }) => loosens.map((what) => `The proposal loosens ${name}: ${what}.`)),
  ]
  const judged = { ...document, body: { ...document.body, notes } }
  return settledVerdict(judged, accepted, options.today)
}

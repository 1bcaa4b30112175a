import type { Acceptance, GatePolicyBody } from '../documents/declared.ts'
import { canonicalJson, type Document, type Subject, sha256 } from '../documents/define.ts'
import { evaluation } from '../documents/evaluation.ts'
import { isSound } from '../documents/parse.ts'
import { type VerdictBody, type VerdictLine, verdict } from '../documents/verdict.ts'
import { UsageError } from '../errors.ts'
import { settledVerdict } from './acceptance.ts'
import { refusalOf } from './binding.ts'
import { familyWiseNote } from './family-wise.ts'
import type { Context, GateLine } from './gate-kind.ts'
import { judgeLine } from './judge-line.ts'
import { lookNotes } from './look-notes.ts'
import { policyProblems } from './policy.ts'
import { powerNotes } from './power-notes.ts'

export type JudgeOptions = {
  /** Acceptances of held verdicts, as a code owner approved them. */
  accepted?: readonly Acceptance[]
  /** The day on which is judged, RFC 3339 date: no acceptance is in force without it, and no evidence has an age. */
  today?: string
  /** There is no champion yet: absolute gates only. Never excuses a champion that the subject names. */
  firstRelease?: boolean
}

/**
 * What a policy says of evidence about a subject: a pure function, with the same answer for the same input.
 * Evidence that is absent, malformed or about something else is inconclusive, and so is a policy without gates.
 */
export function judge(
  policy: GatePolicyBody,
  evidence: readonly Document[],
  subject: Subject,
  options: JudgeOptions = {},
): Document<'Verdict', VerdictBody> {
  const [problem] = policyProblems(policy)
  if (problem) throw new UsageError(problem.message, { mend: `mend the policy ${policy.name} at ${problem.pointer}` })
  const context = { subject, expectedClasses: classesWithTruth(evidence, subject), today: options.today }
  const answers = (policy.gates ?? []).map((line) => ({ line, lines: judgeLine(line, evidence, context, options) }))
  const lines = answers.flatMap((answer) => answer.lines)
  // What a first release has nothing to compare with is not judged, and cannot fail by chance.
  const asked = answers.filter((answer) => answer.lines.length > 0).map(({ line }) => line)
  const document = verdict.make(
    { ...subject, policy: sha256(canonicalJson(policy)) },
    {
      policy: policy.name,
      counts: countsOf(lines),
      lines,
      ...wordOf(policy, lines),
      ...notesOf(asked, lines, evidence, context),
    },
  )
  return settledVerdict(document, options.accepted ?? [], options.today)
}

/** What the policy as a whole can tell, and what was measured more than once. */
function notesOf(
  asked: readonly GateLine[],
  lines: readonly VerdictLine[],
  evidence: readonly Document[],
  context: Context,
): Pick<VerdictBody, 'notes'> {
  const family = familyWiseNote({ gates: [...asked] })
  const repeated = lines.filter(({ measured }) => measured !== undefined)
  const notes = [
    ...(family ? [family] : []),
    ...powerNotes(asked, evidence, context),
    ...lookNotes(evidence, context),
    ...new Set(
      repeated.map(
        ({ gate, measure, measured }) => `${gate}: ${measure} is in ${measured} documents, the worst counts.`,
      ),
    ),
  ]
  return notes.length > 0 ? { notes } : {}
}

function classesWithTruth(evidence: readonly Document[], subject: Subject): string[] {
  const classes = new Set<string>()
  for (const document of evidence) {
    if (!isSound(evaluation, document) || refusalOf(document, subject)) continue
    for (const row of document.body.perClass) if (row.boxes > 0) classes.add(row.className)
  }
  return [...classes]
}

function countsOf(lines: readonly VerdictLine[]): VerdictBody['counts'] {
  const count = (word: VerdictLine['verdict']) => lines.filter((line) => line.verdict === word).length
  return { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive') }
}

/** The word and its one sentence: the first line that decides, with its number. */
function wordOf(policy: GatePolicyBody, lines: readonly VerdictLine[]): Pick<VerdictBody, 'verdict' | 'reason'> {
  const of = (word: VerdictLine['verdict']) => lines.filter((line) => line.verdict === word)
  const failed = of('fail')
  const held = of('inconclusive').filter((line) => line.holds)
  const passed = of('pass')
  if (failed.length > 0) return { verdict: 'fail', reason: sentence(failed, 'fails') }
  if (held.length > 0) return { verdict: 'inconclusive', reason: sentence(held, 'is open') }
  if (passed.length > 0) return { verdict: 'pass', reason: sentence(inWeight(passed), 'passes') }
  const why = (policy.gates ?? []).length === 0 ? 'the policy has no gate' : 'no gate had anything to judge'
  return { verdict: 'inconclusive', reason: `Nothing was judged: ${why}.` }
}

/** Lines with an interval weigh most: they answer whether the model is better. */
function inWeight(lines: readonly VerdictLine[]): VerdictLine[] {
  return [...lines].sort((a, b) => Number(b.low !== undefined) - Number(a.low !== undefined))
}

function sentence(lines: readonly VerdictLine[], says: string): string {
  const [first, ...more] = lines
  if (!first) return ''
  const others = [...new Set(more.map((line) => (line.gate === first.gate ? line.measure : line.gate)))]
  const rest =
    more.length === 0
      ? ''
      : says === 'passes'
        ? `, and ${more.length} more pass`
        : `; also ${others.slice(0, 4).join(', ')}`
  return `${first.gate} ${says}: ${first.reason}${rest}.`
}

import { type Document, documentId } from '../documents/define.ts'
import { problemsOf } from '../documents/parse.ts'
import type { VerdictLine } from '../documents/verdict.ts'
import { BugError } from '../errors.ts'
import { refusalOf } from './binding.ts'
import type { Context, Draft, GateKind, GateLine } from './gate-kind.ts'
import { measureOf } from './gate-kind.ts'
import { gateKinds } from './gates/all.ts'

const worstFirst: readonly VerdictLine['verdict'][] = ['fail', 'inconclusive', 'pass']

/** The verdict lines of one policy line; none where a first release has nothing to compare with. */
export function judgeLine(
  line: GateLine,
  evidence: readonly Document[],
  context: Context,
  options: { firstRelease?: boolean },
): VerdictLine[] {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  if (!kind) throw new BugError(`the policy was checked, yet there is no gate ${line.gate}`)
  const holds = (line.whenInconclusive ?? kind.whenInconclusive) === 'hold'
  const finish = (draft: Draft, id: string | null): VerdictLine => ({
    gate: kind.name,
    ...draft,
    evidence: id,
    ...(draft.verdict === 'inconclusive' ? { holds } : {}),
  })
  const { fitting, malformed, refused } = sortEvidence(kind, line, evidence, context)
  if (malformed) return [finish(nothing(kind, line, malformed, `make the ${kind.document.kind} again`), null)]
  if (fitting.length > 0) {
    // Measured twice, the worse counts: nobody repeats a measurement until it passes.
    const answers = fitting.map(({ document, id }) =>
      kind.judge(document.body, line, context).map((draft) => finish(draft, id)),
    )
    return answers.reduce((worst, lines) => (rank(lines) < rank(worst) ? lines : worst))
  }
  if (refused) return [finish(nothing(kind, line, refused.why, refused.settle), null)]
  const compared = kind.comparesWith(line)
  if (options.firstRelease && compared && context.subject[compared] === undefined) return []
  const what = `there is no ${kind.document.kind}${line.target ? ` for ${line.target}` : ''} among the evidence`
  return [finish(nothing(kind, line, what, `give the ${kind.document.kind} that this gate reads`), null)]
}

function sortEvidence(kind: GateKind, line: GateLine, evidence: readonly Document[], context: Context) {
  const fitting = new Map<string, { document: Document; id: string }>()
  let malformed: string | null = null
  let refused: ReturnType<typeof refusalOf> = null
  for (const document of evidence) {
    if (document.kind !== kind.document.kind) continue
    const [problem] = problemsOf(kind.document, document.body)
    if (problem || document.version !== kind.document.version) {
      malformed = `the ${document.kind} is malformed: ${problem?.message ?? `version ${document.version}`}`
      continue
    }
    if (!kind.selects(document.body, line)) continue
    const refusal = refusalOf(document, context.subject)
    if (refusal) refused = refusal
    else {
      const id = documentId(document)
      fitting.set(id, { document, id })
    }
  }
  // By id, so that the order of the evidence never shows in the verdict.
  return { fitting: [...fitting.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), malformed, refused }
}

function rank(lines: readonly VerdictLine[]): number {
  return Math.min(...lines.map((line) => worstFirst.indexOf(line.verdict)))
}

function nothing(kind: GateKind, line: GateLine, what: string, settle: string): Draft {
  const measure = measureOf(kind, line)
  const limit = line[measure.limit] ?? null
  return {
    measure: measure.name,
    verdict: 'inconclusive',
    observed: null,
    limit: limit !== null && measure.limit === 'margin' ? -limit : limit,
    direction: measure.limit === 'atMost' ? 'at most' : 'at least',
    unit: measure.unit,
    reason: `${measure.name}: ${what}`,
    settle,
  }
}

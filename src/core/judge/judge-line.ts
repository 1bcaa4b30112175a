import { type Document, documentId } from '../documents/define.ts'
import { problemsOf } from '../documents/parse.ts'
import type { VerdictLine } from '../documents/verdict.ts'
import { BugError } from '../errors.ts'
import { refusalOf } from './binding.ts'
import type { Context, Draft, GateKind, GateLine } from './gate-kind.ts'
import { documentOf, measureOf } from './gate-kind.ts'
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
  const { fitting, elsewhere, malformed, refused } = sortEvidence(kind, line, evidence, context)
  const wanted = documentOf(kind, line).kind
  if (malformed) return [finish(nothing(kind, line, malformed, `make the ${wanted} again`), null)]
  if (fitting.length > 0) {
    // Measured twice, the worse counts: nobody repeats a measurement until it passes.
    const answers = fitting.map(({ document, id }) =>
      kind.judge(document.body, line, { ...context, meta: document.meta }).map((draft) => finish(draft, id)),
    )
    const worst = answers.reduce((worst, lines) => (rank(lines) < rank(worst) ? lines : worst))
    return fitting.length === 1 ? worst : worst.map((line) => ({ ...line, measured: fitting.length }))
  }
  if (refused) return [finish(nothing(kind, line, refused.why, refused.settle), null)]
  const compared = kind.comparesWith(line)
  if (options.firstRelease && compared && context.subject[compared] === undefined) return []
  if (line.target !== undefined && elsewhere.length > 0) {
    const what = `the ${wanted} is of ${elsewhere.join(' and ')}, asked is ${line.target}`
    return [finish(nothing(kind, line, what, `make the ${wanted} for ${line.target}`), null)]
  }
  const what = `there is no ${wanted}${line.target ? ` for ${line.target}` : ''} among the evidence`
  return [finish(nothing(kind, line, what, `give the ${wanted} that this gate reads`), null)]
}

function sortEvidence(kind: GateKind, line: GateLine, evidence: readonly Document[], context: Context) {
  const wanted = documentOf(kind, line)
  const fitting = new Map<string, { document: Document; id: string }>()
  const elsewhere = new Set<string>()
  let malformed: string | null = null
  let refused: ReturnType<typeof refusalOf> = null
  for (const document of evidence) {
    if (document.kind !== wanted.kind) continue
    const [problem] = problemsOf(wanted, document.body)
    if (problem || document.version !== wanted.version) {
      malformed = `the ${document.kind} is malformed: ${problem?.message ?? `version ${document.version}`}`
      continue
    }
    if (!kind.selects(document.body, line)) {
      if (kind.targetOf) elsewhere.add(kind.targetOf(document.body))
      continue
    }
    const refusal = refusalOf(document, context.subject)
    if (refusal) refused = refusal
    else {
      const id = idOf(document)
      if (id === null) {
        malformed = `the ${document.kind} is malformed: a number in it is none`
        continue
      }
      const twin = fitting.get(id)?.document
      // The same result with two dates is as old as the older one says, and without a date older still.
      if (!twin || dateOf(document) < dateOf(twin)) fitting.set(id, { document, id })
    }
  }
  // By id, so that the order of the evidence never shows in the verdict.
  return {
    fitting: [...fitting.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    elsewhere: [...elsewhere].sort(),
    malformed,
    refused,
  }
}

/** Null for a document that holds a number beyond any (1e999), where its schema lets anything stand. */
function idOf(document: Document): string | null {
  try {
    return documentId(document)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function dateOf({ meta }: Document): string {
  return typeof meta?.createdAt === 'string' ? meta.createdAt : ''
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

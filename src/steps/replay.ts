import { latencyDiffers } from '../core/compare/latency-again.ts'
import { type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import { comparison, evaluation } from '../core/documents/evaluation.ts'
import { latency } from '../core/documents/operational.ts'
import { isSound } from '../core/documents/parse.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import { judgeStrictly } from '../core/judge/judge-strictly.ts'
import { readPolicy } from '../core/judge/policy.ts'
import { type Bundle, writeBundle } from './bundle.ts'
import { replayComparison } from './replay-comparison.ts'
import { same, verifyEvaluation } from './verify-evaluation.ts'

/** One thing of a bundle that was worked out again. */
export type ReplayLine = {
  check: string
  verdict: 'pass' | 'fail' | 'inconclusive'
  /** arithmetic: follows from the bundle; stated: taken as it is said. */
  proof: 'arithmetic' | 'stated'
  reason: string
}

/** Computes again what a bundle states: numbers from predictions, comparisons from both arms, the verdict from all. */
export function replay(bundle: Bundle): ReplayLine[] {
  const lines = bundle.evidence.flatMap((document) => {
    if (isSound(evaluation, document)) return [evaluationLine(bundle, document)]
    if (isSound(comparison, document)) return [comparisonLine(bundle, document)]
    if (isSound(latency, document)) return [latencyLine(document)]
    return [line(nameOf(document), 'pass', 'stated', 'there is nothing in the bundle to compute it from')]
  })
  return [...lines, verdictLine(bundle)]
}

/** The text of a bundle that was computed again; EvidenceError unless all that it states follows from what is in it. */
export function replayedBundle(bundle: Bundle, where: string): string {
  const text = writeBundle(bundle)
  const wrong = replay(bundle).find(({ verdict }) => verdict === 'fail')
  if (wrong === undefined) return text
  throw new EvidenceError(`no bundle: ${wrong.check}: ${wrong.reason}`, {
    reason: 'malformed',
    where,
    mend: 'judge again with sluice gate --json --judging, and name all of its evidence',
  })
}

/** Classes that evidence names; a policy may name no others. */
function classesOf(evidence: readonly Document[]): string[] {
  return [...new Set(evidence.filter((one) => isSound(evaluation, one)).flatMap(({ body }) => body.classes))]
}

function evaluationLine({ predictions }: Bundle, document: DocumentOf<typeof evaluation>): ReplayLine {
  const text = predictions.get(document.body.predictions?.sha256 ?? '')
  const name = nameOf(document)
  if (text === undefined) return line(name, 'inconclusive', 'stated', 'its predictions are not in the bundle')
  return attempt(name, () => {
    verifyEvaluation(document, text, name)
    return 'its numbers follow from its predictions'
  })
}

function comparisonLine(bundle: Bundle, document: DocumentOf<typeof comparison>): ReplayLine {
  const { verdict, reason } = replayComparison(bundle, document)
  return line(nameOf(document), verdict, verdict === 'inconclusive' ? 'stated' : 'arithmetic', reason)
}

/** What was timed is the run's word; ratios and bounds are arithmetic. */
function latencyLine(document: DocumentOf<typeof latency>): ReplayLine {
  const name = nameOf(document)
  return attempt(name, () => {
    const differs = latencyDiffers(document.body)
    if (differs !== null) throw other(`its numbers do not follow from its samples: ${differs}`)
    return 'its ratios and bounds follow from its samples, which are taken as they are said'
  })
}

function verdictLine(bundle: Bundle): ReplayLine {
  const name = `verdict ${documentId(bundle.verdict).slice(0, 12)}`
  return attempt(name, () => {
    const again = judgeAgain(bundle)
    const stated = bundle.verdict.body
    const differs = again.lines.findIndex((one, i) => !same(one, stated.lines[i]))
    if (again.lines.length !== stated.lines.length) {
      throw other(`it has ${stated.lines.length} lines, the policy gives ${again.lines.length}`)
    }
    if (differs >= 0) {
      const [a, b] = [again.lines[differs], stated.lines[differs]]
      throw other(
        `line ${differs + 1} (${a?.gate}, ${a?.measure}) says ${b?.verdict}, the evidence gives ${a?.verdict}`,
      )
    }
    if (!same(again, stated) || !same(stated, again)) throw other('it says more or other things than the policy gives')
    return `${stated.lines.length} lines follow from the policy and the evidence: ${stated.verdict}`
  })
}

/** The verdict that the bundled policies give over the bundled evidence. */
function judgeAgain({ judging, evidence, verdict }: Bundle): VerdictBody {
  const { policies, accepted, today, firstRelease, evidence: ids } = judging.body
  const judged = ids.flatMap((id) => evidence.find((document) => documentId(document) === id) ?? [])
  const [policy, ...floors] = policies.map(({ name, file, yaml }) => ({
    name,
    policy: readPolicy(yaml, file, classesOf(judged)),
  }))
  if (policy === undefined) throw other('no policy is named')
  const { policy: stated, ...subject } = verdict.subject
  const again = judgeStrictly(policy.policy, floors, judged, subject, {
    accepted,
    firstRelease,
    ...(today === null ? {} : { today }),
  })
  if (again.subject.policy !== stated) throw other('it names another policy than the one in the bundle')
  return again.body
}

function other(what: string): EvidenceError {
  return new EvidenceError(what, { reason: 'malformed' })
}

/** What evidence is called in a list. */
function nameOf(document: Document): string {
  return `${document.kind} ${documentId(document).slice(0, 12)}`
}

function attempt(check: string, work: () => string): ReplayLine {
  try {
    return line(check, 'pass', 'arithmetic', work())
  } catch (error) {
    if (error instanceof EvidenceError) return line(check, 'fail', 'arithmetic', error.message)
    throw error
  }
}

/** One line of a check. */
function line(check: string, verdict: ReplayLine['verdict'], proof: ReplayLine['proof'], reason: string): ReplayLine {
  return { check, verdict, proof, reason }
}

import { canonicalJson } from '../documents/define.ts'
import type { FindingsBody } from '../documents/findings.ts'
import { type PromotionCheckBody, worstLine } from '../documents/promotion.ts'
import type { PullRunBody } from '../documents/pull-run.ts'
import type { VerdictBody } from '../documents/verdict.ts'
import type { Trust } from './trust.ts'

export type Family = PullRunBody['family']
export type Judged = { verdict: VerdictBody['verdict']; reason: string }

/** Which family of checks a workflow belongs to, by its name. */
export const families: Record<string, Family> = { 'Data set': 'data set', Train: 'model', Promotion: 'promotion' }

/** The proposal that a run by hand is about, from the name that our own workflow gave it; null when it says none. */
export function subjectOfTitle(title: string): { pullRequest: number; headSha: string } | null {
  const [, number, headSha] = /^(?:Data set|Train|Promotion) #([1-9]\d{0,9}) at ([0-9a-f]{40})$/.exec(title) ?? []
  return number && headSha ? { pullRequest: Number(number), headSha } : null
}

/** The name that our workflows give to a run by hand. */
export const titleOfRun = (workflow: string, pullRequest: number, headSha: string) =>
  `${workflow} #${pullRequest} at ${headSha}`

/** What findings say when they are counted again: a verdict that their own list contradicts is none. */
export function judgeFindings(body: FindingsBody): Judged {
  const fresh = body.findings.filter(({ severity, status }) => severity === 'error' && (status ?? 'new') === 'new')
  const errors = fresh.length === 1 ? '1 new error' : `${fresh.length} new errors`
  if (body.verdict === 'fail') return { verdict: 'fail', reason: errors }
  if (fresh.length > 0) return { verdict: 'fail', reason: `it says ${body.verdict} and lists ${errors}` }
  if (body.scope.images === 0 && body.scope.boxes === 0) {
    return { verdict: 'inconclusive', reason: 'nothing was looked at: no image and no box' }
  }
  return { verdict: body.verdict, reason: `no new error in ${body.scope.images} images` }
}

/** What a promotion's lines say when they are counted again; without any, the run says that no channel changes. */
export function judgePromotion(
  check: PromotionCheckBody | null,
  about: { headSha: string; baseSha: string; reason: string },
): Judged {
  if (check === null) return { verdict: 'pass', reason: about.reason }
  if (check.head !== about.headSha || check.base !== about.baseSha) {
    return { verdict: 'fail', reason: 'the evidence is about other commits' }
  }
  const worst = worstLine(check.lines)
  if (worst && worst.verdict !== 'pass') return { verdict: worst.verdict, reason: `${worst.check}: ${worst.reason}` }
  if (worst && check.verdict === 'pass') return { verdict: 'pass', reason: check.reason }
  return { verdict: 'fail', reason: `it says ${check.verdict} over ${check.lines.length} lines that do not` }
}

/** A verdict counts only when the base's gates, over the same evidence, say the same line by line. */
export function judgeVerdict(claimed: VerdictBody, again: VerdictBody): Judged {
  const lines = ({ lines: all }: VerdictBody) => canonicalJson(all)
  if (claimed.verdict === again.verdict && lines(claimed) === lines(again)) {
    return { verdict: again.verdict, reason: again.reason }
  }
  return {
    verdict: 'fail',
    reason: `the run says ${claimed.verdict}, the gates of the base say ${again.verdict} over the same evidence`,
  }
}

/** The conclusion of a check: what is not trusted is never green, and never neutral, which would let it pass. */
export function conclusionOfRun(judged: Judged, trust: Trust): 'success' | 'failure' | 'action_required' {
  if (judged.verdict === 'fail') return 'failure'
  return judged.verdict === 'pass' && trust.trusted ? 'success' : 'action_required'
}

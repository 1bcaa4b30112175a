import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import { type Document, documentId } from '../documents/define.ts'
import type { FindingsBody } from '../documents/findings.ts'
import type { DriftBody, SuspiciousBody } from '../documents/operational.ts'
import { checkReason } from './check-words.ts'
import { renderComment } from './comment.ts'

/** A check as markdown: the same words on a pull request and in the file that `--md` writes. */
export function checkComment(check: {
  findings: Document<'Findings', FindingsBody>
  diff?: DatasetDiffBody
  drift?: DriftBody
  suspicious?: SuspiciousBody
  /** What was compared with what; said when there is no difference. */
  judgedOn?: string
  recompute?: string[]
}): string {
  const { findings, judgedOn, ...rest } = check
  const { body, subject } = findings
  const alone = check.diff ? undefined : 'the data set alone: there is no base to compare with'
  const about = judgedOn ?? alone
  return renderComment({
    verdict: body.verdict,
    headline: checkReason(body),
    findings: body,
    ...rest,
    ...(about ? { judgedOn: about } : {}),
    digests: [
      { label: 'these findings', value: documentId(findings) },
      ...Object.entries(subject).map(([label, value]) => ({ label, value: String(value) })),
    ],
  })
}

import type { Dataset } from '../core/dataset/model.ts'
import { checkComment } from '../core/render/check-comment.ts'
import type { Annotation, CheckConclusion } from '../ports.ts'
import type { CheckOptions } from '../steps/check.ts'
import { type Examined, examineDataset } from './examine-dataset.ts'

export type DatasetQa = Pick<Examined, 'findings' | 'diff' | 'drift'> & {
  conclusion: CheckConclusion
  title: string
  comment: string
  annotations: Annotation[]
}

const levels = { error: 'failure', warning: 'warning', info: 'notice' } as const
const mostAnnotations = 500

/** Judges a proposed data set against its base; `path` is its folder in the repository, for annotations. */
export function judgeDataset(input: {
  head: Dataset
  base: Dataset | null
  path: string
  options: Omit<CheckOptions, 'base'>
}): DatasetQa {
  const { head, base, options, path } = input
  const { findings, diff, drift } = examineDataset(head, { ...options, base })
  const { counts, verdict, scope } = findings.body
  const number = (n: number, word: string) => `${n} new ${word}${n === 1 ? '' : 's'}`
  const title = `${number(counts.error, 'error')}, ${number(counts.warning, 'warning')} in ${scope.images} images`
  const fresh = findings.body.findings.filter((finding) => (finding.status ?? 'new') === 'new' && finding.file !== '')
  return {
    findings,
    diff,
    drift,
    conclusion: verdict === 'pass' ? 'success' : verdict === 'fail' ? 'failure' : 'action_required',
    title,
    comment: checkComment({
      findings,
      ...(diff ? { diff: diff.body } : {}),
      ...(drift ? { drift: drift.body } : {}),
      recompute: [`sluice check ${path}`],
    }),
    annotations: fresh.slice(0, mostAnnotations).map((finding) => ({
      path: path === '.' ? finding.file : `${path}/${finding.file}`,
      line: finding.line,
      level: levels[finding.severity],
      message: [finding.message, finding.mend].filter(Boolean).join('. '),
      title: finding.rule,
    })),
  }
}

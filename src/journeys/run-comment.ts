import { datasetDiff } from '../core/documents/dataset-diff.ts'
import { type Document, type DocumentKind, documentId } from '../core/documents/define.ts'
import { comparison } from '../core/documents/evaluation.ts'
import { findings } from '../core/documents/findings.ts'
import { drift } from '../core/documents/operational.ts'
import { isSound } from '../core/documents/parse.ts'
import { printable } from '../core/documents/printable.ts'
import { joinVerdicts } from '../core/judge/join-verdicts.ts'
import { type CommentInput, renderComment } from '../core/render/comment.ts'
import { pictureWords } from '../core/render/picture-words.ts'
import type { Annotation } from '../ports.ts'
import { verdictsIn } from './evidence-documents.ts'
import type { GpuSpending } from './gpu-spending.ts'
import { stageOf, type TrainingAsked } from './model-check.ts'
import type { RunEvidence } from './run-evidence.ts'

const levels = { error: 'failure', warning: 'warning', info: 'notice' } as const
// 50 a request: with more a report would take more than 25 requests. What is left out is in the comment and in the evidence.
const mostAnnotations = 150
const order = ['data set', 'model', 'promotion']

/** Bodies of one kind among documents. */
function bodiesOf<Body>(kind: DocumentKind<string, Body>, documents: readonly Document[]): Body[] {
  return documents.flatMap((one) => (isSound(kind, one) ? [one.body as Body] : []))
}

/** One comment for a proposal, from the newest evidence of each family of checks. */
export function runComment(
  evidence: readonly RunEvidence[],
  path: string,
  asked: TrainingAsked = null,
  spending: GpuSpending | null = null,
): string {
  const sorted = evidence.toSorted((a, b) => order.indexOf(a.family) - order.indexOf(b.family))
  const documents = sorted.flatMap((one) => one.documents)
  const worst =
    sorted.find(({ judged }) => judged.verdict === 'fail') ??
    sorted.find(({ judged }) => judged.verdict === 'inconclusive') ??
    (sorted[0] as RunEvidence)
  const doubt = sorted.map(({ trust }) => trust).find(({ trusted }) => !trusted)
  const held = worst.judged.verdict === 'pass' && doubt !== undefined && !doubt.trusted ? doubt : null
  const untrained = asked === 'asked' && worst.judged.verdict === 'pass' && held === null ? stageOf(asked) : null
  const [found] = bodiesOf(findings, documents)
  const [changed] = bodiesOf(datasetDiff, documents)
  const [drifted] = bodiesOf(drift, documents)
  const compared = bodiesOf(comparison, documents)
  const verdicts = verdictsIn(documents)
  const decided = verdicts.length > 0 ? verdicts.reduce(joinVerdicts).body : null
  const model = sorted.find(({ family }) => family === 'model')
  const open =
    model?.judged.verdict === 'inconclusive' ? verdicts.filter(({ body }) => body.verdict === 'inconclusive') : []
  const gpuHours = sorted.reduce((sum, { gpuSeconds }) => sum + gpuSeconds, 0) / 3600
  return renderComment({
    verdict: held || untrained ? 'inconclusive' : worst.judged.verdict,
    headline: held?.why ?? untrained?.fact ?? worst.judged.reason,
    ...(doubt && !doubt.trusted && worst.judged.verdict !== 'fail' ? { toDo: `Held: ${doubt.mend}` } : {}),
    ...(untrained ? { toDo: 'To do: have this commit approved, then comment /sluice train.' } : {}),
    stages: [
      ...sorted.map(({ family, judged }) => ({ label: family, verdict: judged.verdict, fact: judged.reason })),
      ...(asked ? [stageOf(asked)] : []),
    ],
    ...(found ? { findings: found } : {}),
    ...(changed ? { diff: changed } : {}),
    ...(drifted ? { drift: drifted } : {}),
    ...(compared.length > 0 ? { comparison: compared } : {}),
    ...(decided ? { verdictDoc: decided } : {}),
    ...(spending ? { spending } : {}),
    pictures: [...picturesOfData(sorted), ...picturesOfModel(sorted)],
    held: open.map(documentId),
    recompute: [`sluice check ${path}`],
    digests: [
      ...sorted.map(({ family, run }) => ({ label: `${family}: run`, value: `${run.id}, attempt ${run.attempt}` })),
      ...(gpuHours > 0 ? [{ label: 'hours of graphics cards', value: gpuHours.toFixed(2) }] : []),
    ],
  })
}

type Pictures = NonNullable<CommentInput['pictures']>
/** Where a run keeps its page: an address that the forge told, none of its evidence. */
const keptBy = ({ run }: RunEvidence) => `${run.url}#artifacts`

/** What was looked at of a data set, and where the page of it lies. */
function picturesOfData(evidence: readonly RunEvidence[]): Pictures {
  const data = evidence.find(
    ({ family, documents }) => family === 'data set' && bodiesOf(findings, documents).length > 0,
  )
  if (data === undefined) return []
  const { pictures } = data
  return [pictures ? { words: pictureWords(pictures), page: keptBy(data) } : { words: notLookedAt, page: null }]
}

/** A run that compared models keeps a page of them. */
function picturesOfModel(evidence: readonly RunEvidence[]): Pictures {
  const model = evidence.find(({ documents }) => bodiesOf(comparison, documents).length > 0)
  return model ? [{ words: 'what the candidate sees on images that it fixes and breaks', page: keptBy(model) }] : []
}

const notLookedAt = 'not looked at in this run: near copies between splits were not looked for, and there is no page'

/** New findings at file and line, for the check. */
export function runAnnotations({ documents }: RunEvidence, path: string): Annotation[] {
  return bodiesOf(findings, documents)
    .flatMap((body) => body.findings)
    .filter((finding) => (finding.status ?? 'new') === 'new' && finding.file !== '')
    .slice(0, mostAnnotations)
    .map((finding) => ({
      path: printable(path === '.' || path === '' ? finding.file : `${path}/${finding.file}`),
      line: finding.line,
      level: levels[finding.severity],
      message: printable([finding.message, finding.mend].filter(Boolean).join('. ')),
      title: printable(finding.rule),
    }))
}

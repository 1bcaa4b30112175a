import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { ComparisonBody } from '../documents/evaluation.ts'
import type { FindingsBody } from '../documents/findings.ts'
import type { DriftBody, SuspiciousBody } from '../documents/operational.ts'
import type { VerdictBody } from '../documents/verdict.ts'
import { budgetPart } from './comment-budget.ts'
import { changesPart } from './comment-changes.ts'
import { findingsPart } from './comment-findings.ts'
import { comparisonPart, gatesPart, suspiciousPart } from './comment-parts.ts'
import { fitComment, pleasantComment } from './comment-size.ts'
import { code, counted, fold, plain, table } from './markdown.ts'

type VerdictWord = 'pass' | 'fail' | 'inconclusive'
export type CommentInput = {
  verdict: VerdictWord
  /** One sentence with the number that decides. */
  headline: string
  /** What to do now; worked out from the documents when absent. */
  toDo?: string
  /** What the proposal brings, one sentence. */
  about?: string
  judgedOn?: string
  stages?: { label: string; verdict: VerdictWord | 'skipped'; fact: string }[]
  diff?: DatasetDiffBody
  findings?: FindingsBody
  drift?: DriftBody
  suspicious?: SuspiciousBody
  comparison?: ComparisonBody | ComparisonBody[]
  verdictDoc?: VerdictBody
  /** What training may cost and has cost. */
  spending?: Parameters<typeof budgetPart>[0]
  /** What pages of runs show, each with the address of its run, which must be the forge's; null where there is no page. */
  pictures?: { words: string; page: string | null }[]
  /** Ids of held verdicts that somebody may answer for. */
  held?: string[]
  /** Commands that recompute what is said here. */
  recompute?: string[]
  digests?: { label: string; value: string }[]
}

const signOf = { pass: '✔ pass', fail: '✖ fail', inconclusive: '? inconclusive', skipped: '– skipped' } as const

const mostStages = 5

/** The comment on a pull request: what to do first, at most 25 lines in sight, the rest folded, smaller until it fits. */
export function renderComment(input: CommentInput, limit = pleasantComment): string {
  for (const rows of [40, 20, 10, 5, 2]) {
    const markdown = commentWith(input, rows)
    if (markdown.length <= limit) return markdown
  }
  return fitComment(commentWith({ ...input, diff: undefined, suspicious: undefined, recompute: undefined }, 0), limit)
}

/** `rows`: how many lines any folded list may have. */
function commentWith(input: CommentInput, rows: number): string {
  const { verdict, findings, diff, suspicious, verdictDoc, stages = [] } = input
  const comparisons = input.comparison === undefined ? [] : [input.comparison].flat()
  const found = findings ? findingsPart(findings, rows) : null
  const changed = diff ? changesPart(diff, { drift: input.drift, balance: findings?.balance }, rows) : null
  const better = comparisons.length > 0 ? comparisonPart(comparisons, rows) : null
  const gates = verdictDoc ? gatesPart(verdictDoc, rows) : null
  const suspect = suspicious ? suspiciousPart(suspicious, rows) : null
  const origin = [
    ...(input.about ? [`**Proposal:** ${plain(input.about)}`] : []),
    ...(input.judgedOn ? [`**Judged on:** ${plain(input.judgedOn)}`] : []),
  ]
  const facts = [
    ...(origin.length > 0 ? [origin.join(' · ')] : []),
    ...(changed?.facts ?? []),
    ...(better?.facts ?? []),
    ...(suspect?.facts ?? []),
  ]
  const stageRows = stages
    .slice(0, mostStages)
    .map((stage) => [plain(stage.label), signOf[stage.verdict], plain(stage.fact)])
  const folded = [
    ...[found, changed, suspect, better, gates].flatMap((part) => part?.folded ?? []),
    ...recomputePart(input),
  ]
  const lines = [
    `**${plain(input.toDo ?? toDoOf(input))}**`,
    '',
    `${signOf[verdict]}: ${plain(input.headline)}`,
    ...(facts.length > 0 ? ['', ...facts.map((fact) => `- ${fact}`)] : []),
    ...(stageRows.length > 0 ? ['', ...table(['stage', 'verdict', 'fact'], stageRows)] : []),
    ...(input.spending ? ['', budgetPart(input.spending)] : []),
    ...(found && found.facts.length > 0 ? ['', ...found.facts] : []),
    ...(folded.length > 0 ? ['', ...folded] : []),
    ...(input.held ?? []).flatMap((id) => [
      '',
      `Who may write can answer for it: ${code(`/sluice accept ${id} REASON`)}`,
    ]),
    ...(input.pictures?.length ? ['', `**Pictures:** ${input.pictures.map(pictureWords).join(' · ')}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** The first line: what the reader does now. */
function toDoOf({ verdict, findings, verdictDoc }: CommentInput): string {
  const errors = findings?.counts.error ?? 0
  const failed = verdictDoc?.lines.filter((line) => line.verdict === 'fail') ?? []
  const unsettled = verdictDoc?.lines.find((line) => line.verdict === 'inconclusive' && line.settle)
  if (verdict === 'pass') return 'Nothing to do: this may be merged.'
  if (verdict === 'inconclusive') {
    return unsettled?.settle ? `Held until it is settled: ${unsettled.settle}` : 'Held: what is missing is named below.'
  }
  if (errors > 0) return `To do: mend ${counted(errors, 'new error')} listed below, then push again.`
  const [first] = failed
  return first
    ? `To do: ${first.gate} does not hold; see the gates below.`
    : 'To do: see below what failed, then push again.'
}
/** A page is kept by its run and nowhere else. */
function pictureWords({ words, page }: NonNullable<CommentInput['pictures']>[number]): string {
  const where = page === null ? '' : ` Page: artefact ${code('sluice-page')} of <${encodeURI(decodeURI(page))}>`
  return `${plain(words)}.${where}`
}

function recomputePart({ recompute = [], digests = [] }: CommentInput): string[] {
  if (recompute.length + digests.length === 0) return []
  const lines = [
    ...recompute.map((command) => `- ${code(command)}`),
    ...digests.map(({ label, value }) => `- ${plain(label)}: ${code(value)}`),
  ]
  return fold('How to recompute it, and on what', lines)
}

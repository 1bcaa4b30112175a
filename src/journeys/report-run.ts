import { printable } from '../core/documents/printable.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import { conclusionOfRun, families } from '../core/judge/run-report.ts'
import type { Annotation, Forge, Git, PullRequest, WorkflowRun } from '../ports.ts'
import { answeredRun } from './answered-run.ts'
import { askedOnce } from './asked-once.ts'
import { type GpuLimits, gpuSpending } from './gpu-spending.ts'
import { carryModelCheck, sayWhetherToTrain, type TrainingAsked, trainingAsked } from './model-check.ts'
import { runAnnotations, runComment } from './run-comment.ts'
import { otherEvidence, type RunEvidence, runEvidence } from './run-evidence.ts'
import { subjectOf } from './run-subject.ts'

export type ReportPorts = {
  forge: Forge
  git: Pick<Git, 'show' | 'mergeBases' | 'changedFiles' | 'isOnLine'>
  /** Brings a commit of a proposal into the repository's objects, without checking anything out. */
  fetchHead: (pull: PullRequest) => Promise<void>
  /** Files of an evidence archive, vetted. */
  readArchive: (zip: Uint8Array) => Map<string, Uint8Array>
}
export type Reported = { check: string; conclusion: string; title: string; pullRequest: number | null; comment: string }

export type ReportInput = {
  run: number
  repository: string
  defaultBranch: string
  path: string
  channel: string
  today: string
  /** Without it nothing is told of what training costs. */
  gpu?: GpuLimits
}

/**
 * Writes check and comment of a finished run. Nothing that the run says of itself is believed but its documents: the
 * proposal is found through the forge, verdicts are reached again, and trust follows from who defined the run.
 */
export async function reportRun({ forge: asked, ...given }: ReportPorts, input: ReportInput): Promise<Reported | null> {
  const forge = askedOnce(asked)
  const ports = { ...given, forge }
  const run = await forge.run(input.run)
  const family = families[run.name]
  if (family === undefined) throw new UsageError(`${JSON.stringify(run.name)} is no workflow that is reported`)
  const isOver = run.status === 'completed' && run.conclusion !== 'cancelled'
  if (family === 'model' && !isOver && run.conclusion !== 'skipped') return tellOfTraining(ports, run, input)
  if (run.status !== 'completed') throw new ToolError(`run ${run.id} has not ended`, { mend: 'report it when it has' })
  if (run.conclusion === 'cancelled' || run.conclusion === 'skipped') return null
  const subject = await subjectOf(ports, run, input)
  if (subject === null) return null
  const { sha, pull } = subject
  const evidence = await runEvidence(ports, run, { family, subject }, input)
  const { trust } = evidence
  // After a merge there may be nothing to train: no proposal waits for a word on it.
  if (run.event === 'push' && run.conclusion === 'success' && evidence.documents.length === 0) {
    // It may be the merge of an acceptance, for which a check waits.
    const answered = family === 'model' ? await answeredRun(ports, sha, input) : null
    return answered === null ? null : reportRun(ports, { ...input, run: answered })
  }
  const conclusion = conclusionOfRun(evidence.judged, trust)
  const said = trust.trusted || evidence.judged.verdict === 'fail' ? '' : ` (not enough by itself: ${trust.why})`
  const title = printable(`${evidence.judged.verdict}: ${evidence.judged.reason}${said}`)
  const check = `sluice / ${family}`
  const all = pull ? [evidence, ...(await otherEvidence(ports, pull, evidence, input))] : [evidence]
  const judgedModel = all.some((one) => one.family === 'model')
  const training = pull && !judgedModel ? await trainingAsked(ports, pull, input.path) : null
  const summary = runComment(all, input.path, training)
  const annotations: Annotation[] = runAnnotations(evidence, input.path)
  const order = { run: run.id, attempt: run.attempt }
  await forge.upsertCheck({ name: check, sha, conclusion, title, summary, annotations, order })
  if (run.event === 'merge_group' && family === 'data set') await carryModelCheck(forge, run, order)
  if (training && family === 'data set') await sayWhetherToTrain(forge, sha, training)
  const comment = pull ? await writeComment(forge, { pull, all, training }, input) : summary
  return { check, conclusion, title, pullRequest: pull?.number ?? null, comment }
}

/** A run of Train that waits, works or was cancelled: nothing is judged, and the comment says so beside what was. */
async function tellOfTraining(ports: ReportPorts, run: WorkflowRun, input: ReportInput): Promise<null> {
  const subject = run.event === 'workflow_dispatch' ? await subjectOf(ports, run, input) : null
  if (!subject?.pull) return null
  const { pull } = subject
  const all = await otherEvidence(ports, pull, null, input)
  if (all.length === 0) return null
  const judgedModel = all.some((one) => one.family === 'model')
  const training = judgedModel ? null : await trainingAsked(ports, pull, input.path)
  await writeComment(ports.forge, { pull, all, training }, input)
  return null
}

/** What training costs is said here alone: it is of the proposal and of today, a check is of its run. */
async function writeComment(
  forge: Forge,
  { pull, all, training }: { pull: PullRequest; all: RunEvidence[]; training: TrainingAsked },
  { path, gpu }: ReportInput,
): Promise<string> {
  const trains = training === 'asked' || all.some(({ family }) => family === 'model')
  const spending = gpu && trains ? await gpuSpending(forge, pull, gpu) : null
  const comment = runComment(all, path, training, spending)
  const { id, attempt } = all.reduce((a, b) => (b.run.id > a.run.id ? b : a)).run
  await forge.upsertComment(pull.number, 'pull-request', comment, { run: id, attempt })
  return comment
}

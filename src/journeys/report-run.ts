import type { Document } from '../core/documents/define.ts'
import { findings } from '../core/documents/findings.ts'
import { isSound } from '../core/documents/parse.ts'
import type { PicturesBody } from '../core/documents/pictures.ts'
import { printable } from '../core/documents/printable.ts'
import { promotionCheck } from '../core/documents/promotion.ts'
import { pullRun } from '../core/documents/pull-run.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { EvidenceError, ToolError, UsageError } from '../core/errors.ts'
import {
  conclusionOfRun,
  type Family,
  families,
  type Judged,
  judgeFindings,
  judgePromotion,
  subjectOfTitle,
} from '../core/judge/run-report.ts'
import type { Trust } from '../core/judge/trust.ts'
import type { Annotation, Forge, Git, PullRequest, WorkflowRun } from '../ports.ts'
import { answeredRun } from './answered-run.ts'
import { askedOnce } from './asked-once.ts'
import { documentsOf } from './evidence-documents.ts'
import { type GpuLimits, gpuSpending, trainingRuns } from './gpu-spending.ts'
import { joinPictures } from './join-pictures.ts'
import { answeredFor, judgeVerdicts } from './judge-verdicts.ts'
import { carryModelCheck, sayWhetherToTrain, type TrainingAsked, trainingAsked } from './model-check.ts'
import { runAnnotations, runComment } from './run-comment.ts'
import { type Subject, subjectOf } from './run-subject.ts'
import { trustIn } from './run-trust.ts'

export type ReportPorts = {
  forge: Forge
  git: Pick<Git, 'show' | 'mergeBases' | 'changedFiles' | 'isOnLine'>
  /** Brings a commit of a proposal into the repository's objects, without checking anything out. */
  fetchHead: (pull: PullRequest) => Promise<void>
  /** Files of an evidence archive, vetted. */
  readArchive: (zip: Uint8Array) => Map<string, Uint8Array>
}
/** A run's evidence, or why there is none that counts. */
export type RunEvidence = {
  run: WorkflowRun
  family: Family
  documents: Document[]
  judged: Judged
  gpuSeconds: number
  /** What a data set's pictures told; null where they were not looked at. */
  pictures: PicturesBody | null
  trust: Trust
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

/** What the job has checked out: the newest commit of the default branch. */
const base = 'HEAD'
const largestArchive = 24 * 2 ** 20
const files: Record<Family, string> = {
  'data set': 'dataset-pr.yml',
  model: 'train.yml',
  promotion: 'promotion-pr.yml',
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
  const evidence = await withTrust(ports, subject, await evidenceOf(ports, run, family, input), input)
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

function nullIfUsage(error: unknown): null {
  if (error instanceof UsageError) return null
  throw error
}

async function withTrust(
  ports: ReportPorts,
  subject: Subject,
  evidence: Omit<RunEvidence, 'trust'>,
  { repository }: { repository: string },
): Promise<RunEvidence> {
  const { documents } = evidence
  return { ...evidence, trust: await trustIn(ports, evidence.run, subject, { repository, documents }) }
}

/** A run's documents and what they come to; evidence that is missing or malformed is a failure that says why. */
async function evidenceOf(
  { forge, git, readArchive }: ReportPorts,
  run: WorkflowRun,
  family: Family,
  { today, channel }: { today: string; channel: string },
): Promise<Omit<RunEvidence, 'trust'>> {
  const none = (reason: string) => ({
    run,
    family,
    documents: [],
    judged: { verdict: 'fail' as const, reason },
    gpuSeconds: 0,
    pictures: null,
  })
  try {
    const kept = family === 'data set' ? ['sluice-evidence', 'sluice-pictures'] : ['sluice-evidence']
    const [zip = null, seen = null] = await forge.artifacts(run.id, kept, largestArchive)
    if (zip === null) return none(`the run ended as ${run.conclusion} and left no evidence`)
    const left = [...readArchive(zip)]
      .filter(([name]) => name.endsWith('.json'))
      .map(([name, bytes]) => parseAnyEvidence(new TextDecoder('utf-8', { fatal: true }).decode(bytes), name))
    const about = left.find((one) => isSound(pullRun, one))
    if (about?.body.family !== family) return none('the evidence does not say which run it is of')
    const read = (path: string) => git.show(base, path)
    const more = seen === null ? [] : documentsOf(seen, readArchive)
    const { documents, pictures } = joinPictures(left, more, about.body.headSha)
    const judged = await judgeDocuments(documents, about.body, read, { today, channel })
    return { run, family, documents, judged, gpuSeconds: about.body.gpuSeconds ?? 0, pictures }
  } catch (error) {
    if (error instanceof EvidenceError) return none([error.where, error.message].filter(Boolean).join(': '))
    if (error instanceof TypeError) return none('the evidence is not UTF-8')
    throw error
  }
}

async function judgeDocuments(
  documents: Document[],
  about: { family: Family; headSha: string; baseSha: string; verdict: Judged['verdict']; reason: string },
  read: (path: string) => Promise<Uint8Array | null>,
  { today, channel }: { today: string; channel: string },
): Promise<Judged> {
  // A run that says itself that it failed, or cannot tell, is believed, unless somebody answers for what is held.
  const answered = about.verdict === 'inconclusive' && about.family === 'model' && (await answeredFor(documents, read))
  if (about.verdict !== 'pass' && !answered) return { verdict: about.verdict, reason: about.reason }
  if (about.family === 'data set') {
    const found = documents.find((one) => isSound(findings, one))
    return found ? judgeFindings(found.body) : { verdict: 'fail', reason: 'the evidence holds no findings' }
  }
  if (about.family === 'promotion') {
    return judgePromotion(documents.find((one) => isSound(promotionCheck, one))?.body ?? null, about)
  }
  return judgeVerdicts(documents, read, { today, channel })
}

/** The newest finished runs of the other families for the same commit, so that one comment says it all. */
async function otherEvidence(
  ports: ReportPorts,
  pull: PullRequest,
  known: RunEvidence | null,
  input: ReportInput,
): Promise<RunEvidence[]> {
  const found: RunEvidence[] = []
  for (const family of (Object.keys(files) as Family[]).filter((name) => name !== known?.family)) {
    // The same list says what was spent.
    const runs =
      family === 'model' && input.gpu
        ? await trainingRuns(ports.forge, pull.createdAt, input.gpu.now)
        : await ports.forge.runs(files[family])
    const newest = runs.find(
      (run) =>
        run.status === 'completed' &&
        run.conclusion !== 'cancelled' &&
        run.conclusion !== 'skipped' &&
        families[run.name] === family &&
        ((run.event === 'pull_request' &&
          run.headSha === pull.head.sha &&
          run.headRepository === pull.headRepository) ||
          (run.event === 'workflow_dispatch' &&
            run.headBranch === input.defaultBranch &&
            run.headRepository === input.repository &&
            subjectOfTitle(run.title)?.pullRequest === pull.number &&
            subjectOfTitle(run.title)?.headSha === pull.head.sha)),
    )
    // A run that cannot have been of the default branch, as one of a tag with its name, is not spoken of.
    const subject = newest && (await subjectOf(ports, newest, input).catch(nullIfUsage))
    if (subject) found.push(await withTrust(ports, subject, await evidenceOf(ports, newest, family, input), input))
  }
  return found
}

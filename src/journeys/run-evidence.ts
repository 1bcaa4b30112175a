import type { Document } from '../core/documents/define.ts'
import { findings } from '../core/documents/findings.ts'
import { isSound } from '../core/documents/parse.ts'
import type { PicturesBody } from '../core/documents/pictures.ts'
import { promotionCheck } from '../core/documents/promotion.ts'
import { pullRun } from '../core/documents/pull-run.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import {
  type Family,
  families,
  type Judged,
  judgeFindings,
  judgePromotion,
  subjectOfTitle,
} from '../core/judge/run-report.ts'
import type { Trust } from '../core/judge/trust.ts'
import type { PullRequest, WorkflowRun } from '../ports.ts'
import { documentsOf } from './evidence-documents.ts'
import { trainingRuns } from './gpu-spending.ts'
import { joinPictures } from './join-pictures.ts'
import { answeredFor, judgeVerdicts } from './judge-verdicts.ts'
import type { ReportInput, ReportPorts } from './report-run.ts'
import { type Subject, subjectOf } from './run-subject.ts'
import { trustIn } from './run-trust.ts'

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

/** What the job has checked out: the newest commit of the default branch. */
const base = 'HEAD'
const largestArchive = 24 * 2 ** 20
const files: Record<Family, string> = {
  'data set': 'dataset-pr.yml',
  model: 'train.yml',
  promotion: 'promotion-pr.yml',
}

/** What a run left and whether it counts for its subject. */
export async function runEvidence(
  ports: ReportPorts,
  run: WorkflowRun,
  { family, subject }: { family: Family; subject: Subject },
  input: ReportInput,
): Promise<RunEvidence> {
  const evidence = await evidenceOf(ports, run, family, input)
  const { documents } = evidence
  return { ...evidence, trust: await trustIn(ports, run, subject, { repository: input.repository, documents }) }
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
  const found = documents.find((one) => isSound(findings, one))
  // Pictures may have told more errors than the run counted.
  if (about.family === 'data set' && found?.body.verdict === 'fail') return judgeFindings(found.body)
  // A run that says itself that it failed, or cannot tell, is believed, unless somebody answers for what is held.
  const answered = about.verdict === 'inconclusive' && about.family === 'model' && (await answeredFor(documents, read))
  if (about.verdict !== 'pass' && !answered) return { verdict: about.verdict, reason: about.reason }
  if (about.family === 'data set') {
    return found ? judgeFindings(found.body) : { verdict: 'fail', reason: 'the evidence holds no findings' }
  }
  if (about.family === 'promotion') {
    return judgePromotion(documents.find((one) => isSound(promotionCheck, one))?.body ?? null, about)
  }
  return judgeVerdicts(documents, read, { today, channel })
}

/** The newest finished runs of the other families for the same commit, so that one comment says it all. */
export async function otherEvidence(
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
    if (subject) found.push(await runEvidence(ports, newest, { family, subject }, input))
  }
  return found
}

function nullIfUsage(error: unknown): null {
  if (error instanceof UsageError) return null
  throw error
}

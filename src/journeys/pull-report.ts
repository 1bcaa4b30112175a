import type { Dataset } from '../core/dataset/model.ts'
import type { Document } from '../core/documents/define.ts'
import type { SmokeBody } from '../core/documents/training.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import { renderComment } from '../core/render/comment.ts'
import { ap, signed } from '../core/render/report/html.ts'
import type { PullRequestReport, VerdictWord } from '../core/render/report-input.ts'
import { conclusionOf } from './demo-pull.ts'
import type { ModelEvidence } from './judge-model.ts'
import { changePictures, doubtPictures, findingPictures, flipPictures } from './pictures.ts'
import type { DataEvidence } from './propose-dataset.ts'
import type { Arm } from './train-model.ts'
import type { Workspace } from './workspace.ts'

export type PullState = {
  number: number
  letter: 'a' | 'b' | 'c'
  branch: string
  head: string
  dataset: Dataset
  base: Dataset
  data: DataEvidence
  smoke?: Document<'Smoke', SmokeBody>
  arms?: { champion: Arm; control: Arm; candidate: Arm }
  model?: ModelEvidence
  merged: boolean
}

type Stage = PullRequestReport['stages'][number]

/** The state of a pull request as a reviewer sees it: the report's part and the comment, from the same documents. */
export async function reportPull(at: Workspace, state: PullState): Promise<PullRequestReport> {
  const { data, model, arms, smoke } = state
  const { title, about } = at.world.proposals[state.letter]
  const verdict = verdictOf(state)
  const stages = stagesOf(state)
  const headline = headlineOf(state)
  const judgedOn = judgedOnOf(state)
  const comment = renderComment({
    verdict,
    headline,
    about,
    judgedOn,
    stages,
    diff: data.diff.body,
    findings: data.findings.body,
    drift: data.drift.body,
    ...(data.suspicious ? { suspicious: data.suspicious.body } : {}),
    ...(model ? { comparison: model.comparisons.map(({ body }) => body), verdictDoc: model.verdict.body } : {}),
    recompute: [`sluice check ${at.dataPath}`, 'sluice demo'],
    digests: Object.entries(data.findings.subject).map(([label, value]) => ({ label, value })),
  })
  return {
    number: state.number,
    title,
    branch: state.branch,
    about,
    verdict,
    merged: state.merged,
    headline,
    judgedOn,
    stages,
    comment,
    diff: data.diff.body,
    findings: data.findings.body,
    drift: data.drift.body,
    ...(data.suspicious ? { suspicious: data.suspicious.body } : {}),
    ...(smoke ? { smoke: smoke.body } : {}),
    ...(arms
      ? {
          runs: [arms.champion, arms.control, arms.candidate].map((arm) => arm.run.body),
          evaluations: [arms.champion, arms.control, arms.candidate].map((arm) => ({
            name: arm.role,
            body: arm.evaluation.body,
          })),
        }
      : {}),
    ...(model
      ? {
          comparisons: model.comparisons.map(({ body }) => body),
          attribution: model.attribution.body,
          gate: model.verdict.body,
        }
      : {}),
    ...(model?.latency ? { latency: model.latency.body } : {}),
    pictures: await pictureGroups(at, state),
  }
}

/** Posts comment and check of a pull request; a second call changes them instead of adding. */
export async function postPull(at: Workspace, state: PullState, report: PullRequestReport): Promise<void> {
  const { forge } = at
  await forge.upsertComment(state.number, 'sluice', report.comment)
  const findings = state.data.findings.body.findings.filter(
    (finding) => (finding.status ?? 'new') === 'new' && finding.severity !== 'info',
  )
  await forge.upsertCheck({
    name: 'sluice',
    sha: state.head,
    conclusion: conclusionOf(report.verdict),
    title: `${report.verdict}: ${report.headline}`.slice(0, 250),
    summary: report.headline,
    annotations: findings.slice(0, 200).map((finding) => ({
      path: `${at.dataPath}/${finding.file}`,
      line: Math.max(1, finding.line),
      level: finding.severity === 'error' ? ('failure' as const) : ('warning' as const),
      message: finding.message,
      title: finding.rule,
    })),
  })
}

function verdictOf({ data, smoke, model }: Pick<PullState, 'data' | 'smoke' | 'model'>): VerdictWord {
  if (data.findings.body.verdict !== 'pass') return data.findings.body.verdict
  if (smoke && smoke.body.verdict !== 'pass') return smoke.body.verdict
  return model ? model.verdict.body.verdict : 'inconclusive'
}

function stagesOf({ data, smoke, arms, model }: PullState): Stage[] {
  const { counts, verdict } = data.findings.body
  const doubts = data.suspicious?.body
  const skipped = (label: string): Stage => ({ label, verdict: 'skipped', fact: 'an earlier stage failed' })
  return [
    { label: 'Data', verdict, fact: `${counts.error} new errors, ${counts.warning} new warnings` },
    doubts
      ? {
          label: 'Labels in doubt',
          verdict: 'pass',
          fact: `${doubts.flagged} of ${doubts.boxes} new boxes; warns only`,
        }
      : skipped('Labels in doubt'),
    smoke ? { label: 'Smoke train', verdict: smoke.body.verdict, fact: smoke.body.reason } : skipped('Smoke train'),
    arms
      ? {
          label: 'Train',
          verdict: 'pass',
          fact: `candidate ${Math.round(arms.candidate.run.body.seconds)} s, control ${Math.round(arms.control.run.body.seconds)} s, ${arms.candidate.run.body.updates} updates each`,
        }
      : skipped('Train'),
    model
      ? {
          label: 'Gate',
          verdict: model.verdict.body.verdict,
          fact: `${model.verdict.body.counts.pass} pass, ${model.verdict.body.counts.fail} fail, ${model.verdict.body.counts.inconclusive} open`,
        }
      : skipped('Gate'),
  ]
}

function headlineOf({ data, smoke, arms, model }: PullState): string {
  const { verdict, findings } = data.findings.body
  if (verdict !== 'pass') {
    const errors = findings.filter((finding) => finding.severity === 'error' && (finding.status ?? 'new') === 'new')
    const [first] = errors
    const place = first ? `; the first: ${first.rule} in ${first.file}${first.line > 0 ? `:${first.line}` : ''}` : ''
    return `${errors.length} new errors in the data${place}.`
  }
  if (smoke && smoke.body.verdict !== 'pass') return smoke.body.reason
  if (!model || !arms) return 'The data is clean; the model is not judged yet.'
  const [champion, control] = model.comparisons.map(({ body }) => body.overall)
  if (model.verdict.body.verdict !== 'pass' || !champion || !control) return model.verdict.body.reason
  const { value, low = Number.NaN, high = Number.NaN } = control.difference
  return `mAP50-95 ${ap(champion.baseline)} → ${ap(champion.candidate)}: of ${signed(champion.difference.value)}, ${signed(value)} [${signed(low)}, ${signed(high)}] comes from the data, the rest from training longer.`
}

function judgedOnOf({ arms }: PullState): string {
  if (!arms) return 'data against its base; policy of the base commit'
  const { images, scenes, labelSource } = arms.candidate.evaluation.body
  return `${images} validation images in ${scenes} scenes, labels ${labelSource}; policy and champion of the base commit`
}

async function pictureGroups(at: Workspace, state: PullState): Promise<PullRequestReport['pictures']> {
  const { data, dataset, model, arms } = state
  if (data.findings.body.verdict !== 'pass') return [await findingPictures(at, dataset, data.findings.body)]
  const groups = [await changePictures(at, dataset, data.diff.body, state.head)]
  if (data.suspicious) groups.push(await doubtPictures(at, dataset, data.suspicious.body))
  const flips = model?.comparisons.at(-1)?.body.flips
  if (arms && flips) {
    const file = `${arms.candidate.folder}/predictions.json`
    const predictions = decodePredictions(at.tools.storage.readText(file), file)
    groups.push(
      await flipPictures(
        at,
        state.base,
        flips.broken,
        predictions,
        'Broken: right with the control, wrong with the candidate',
      ),
    )
    groups.push(
      await flipPictures(
        at,
        state.base,
        flips.fixed,
        predictions,
        'Fixed: wrong with the control, right with the candidate',
      ),
    )
  }
  return groups
}

import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { Document } from '../core/documents/define.ts'
import type { SmokeBody } from '../core/documents/training.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { joinVerdicts } from '../core/judge/join-verdicts.ts'
import type { CheckConclusion } from '../ports.ts'
import { smokeTrain } from '../steps/smoke.ts'
import { attributeArms, compareArms, judgeModel, type ModelEvidence, measureArms, subjectOf } from './judge-model.ts'
import type { Policies } from './policies.ts'
import { halves } from './progress.ts'
import { type DataEvidence, datasetAt, examineData, keepEvidence } from './propose-dataset.ts'
import { type Arm, pipelineOf, trainArm } from './train-model.ts'
import { copyAside, standOn, type Workspace } from './workspace.ts'

export type ProposalInput = {
  letter: 'a' | 'b' | 'c'
  head: string
  base: Dataset
  baseCommit: string
  champion: Arm
  policies: Policies
}

/** The data of a proposal against its base; what it finds is kept as evidence. */
export async function judgeData(
  at: Workspace,
  input: ProposalInput,
): Promise<{ dataset: Dataset; data: DataEvidence; paths: Record<string, string> }> {
  const dataset = await datasetAt(at, input.head)
  const data = await examineData(at, {
    base: input.base,
    head: dataset,
    policy: input.policies.dataset.yaml,
    waivers: input.policies.waivers.yaml,
    declaredDrift: at.world.proposals[input.letter].declaredDrift,
    champion: input.champion.artifact,
  })
  const paths = keepEvidence(at, `pull-${input.letter}`, [data.findings, data.diff, data.drift, data.suspicious])
  return { dataset, data, paths }
}

/** Whether training works on the proposed data at all, with its control. */
export async function smokeProposal(
  at: Workspace,
  input: { letter: string; policies: Policies },
  dataset: Dataset,
): Promise<Document<'Smoke', SmokeBody>> {
  const { tools, root, data } = at
  const { document } = await smokeTrain(tools, {
    pipeline: pipelineOf(at, 'smoke', input.policies.smoke),
    dataset,
    root: data,
    output: `${root}/runs/smoke-${input.letter}`,
    subject: datasetDigests(dataset),
    progress: tools.console.progress('  smoke train and its control'),
    signal: tools.signal,
  })
  return document
}

/** Candidate (with the new data) and control (as many updates without it), both from the champion's weights, side by side. */
export async function trainProposal(
  at: Workspace,
  input: ProposalInput,
  dataset: Dataset,
): Promise<{ candidate: Arm; control: Arm }> {
  const { root, tools } = at
  const pipeline = pipelineOf(at, 'candidate', input.policies.candidate)
  const shared = { pipeline, judgeOn: input.base, startFrom: input.champion.weights }
  // The control depends on base, recipe and seed alone: one serves every proposal on the same base.
  const baseFolder = `${root}/runs/base-data`
  if (!tools.storage.exists(`${root}/runs/control/train-run.json`)) {
    await datasetAt(at, input.baseCommit)
    copyAside(at, input.base, baseFolder)
    await standOn(at, input.head)
  }
  const [left, right] = halves(tools.console.progress('  training candidate and control side by side'))
  const [candidate, control] = await Promise.all([
    trainArm(at, { ...shared, role: 'candidate', name: `candidate-${input.letter}`, trainOn: dataset, progress: left }),
    trainArm(at, {
      ...shared,
      role: 'control',
      name: 'control',
      trainOn: input.base,
      folder: baseFolder,
      progress: right,
    }),
  ])
  return { candidate, control }
}

/** Comparisons, latency and the verdict; latency is not measured for a model that fails already. */
export async function judgeArms(
  at: Workspace,
  input: ProposalInput,
  dataset: Dataset,
  evidence: { smoke: Document | null; candidate: Arm; control: Arm },
): Promise<ModelEvidence> {
  const { champion, policies } = input
  const { candidate, control, smoke } = evidence
  const comparisons = compareArms(at, candidate, [champion, control])
  const attribution = attributeArms(at, { champion, control, candidate })
  const subject = subjectOf(at, dataset, { candidate, champion, control })
  const first = judgeModel(policies.model, [smoke, candidate.run, candidate.evaluation, ...comparisons], subject)
  if (first.body.verdict === 'fail') return { comparisons, attribution, latency: null, verdict: first }
  const latency = await measureArms(at, input.base, champion, candidate, policies.latency)
  const timing = judgeModel(policies.latency, [latency], { ...subject, ...latency.subject })
  return { comparisons, attribution, latency, verdict: joinVerdicts(first, timing) }
}

/** A verdict as a check run's conclusion: a hold never lets a merge through. */
export function conclusionOf(verdict: VerdictBody['verdict']): CheckConclusion {
  return verdict === 'pass' ? 'success' : verdict === 'fail' ? 'failure' : 'action_required'
}

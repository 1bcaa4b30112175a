import type { Dataset } from '../core/dataset/model.ts'
import type { Document } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type SmokeBody, smoke } from '../core/documents/training.ts'
import { ap } from '../core/render/report/html.ts'
import type { PullRequestReport } from '../core/render/report-input.ts'
import { judgeArms, judgeData, type ProposalInput, smokeProposal, trainProposal } from './demo-pull.ts'
import { judgeModel, subjectOf } from './judge-model.ts'
import { type Policies, policiesAt } from './policies.ts'
import { datasetAt, examineData, keepEvidence } from './propose-dataset.ts'
import { type PullState, postPull, reportPull } from './pull-report.ts'
import { releaseArm } from './release-model.ts'
import type { Stages } from './stages.ts'
import { gateTestsFact, testGates } from './test-gates.ts'
import { type Arm, pipelineOf, trainArm } from './train-model.ts'
import { commitData, makeRepository, openProposal, standOn, type Workspace } from './workspace.ts'

export type Started = { start: string }
export type VersionOne = { commit: string }
export type PullResult = {
  number: number
  verdict: PullRequestReport['verdict']
  merged: boolean
  mergeCommit: string | null
}

/** Steps 1 to 5 of the story: a repository, a champion, and three proposals judged. */
export async function proposeAll(at: Workspace, stages: Stages, protect: () => Promise<void>) {
  await stages.run<Started>('1', 'A repository', async () => {
    const start = await makeRepository(at)
    await protect()
    return {
      verdict: 'pass',
      fact: 'git, DVC with a local remote, specs, pipelines and gates; a local forge answers',
      result: { start },
    }
  })
  const first = await stages.run<VersionOne>('2', 'Version 1 and its champion', () => versionOne(at))
  const policies = await policiesAt(at.git, first.commit)
  const base = await datasetAt(at, first.commit)
  const champion = await championOf(at, policies, base)
  const context = { base, baseCommit: first.commit, champion, policies }
  const pull = (id: string, letter: 'a' | 'b' | 'c') =>
    stages.run<PullResult>(id, `Pull request ${letter.toUpperCase()}: ${at.world.proposals[letter].title}`, () =>
      propose(at, { ...context, letter }),
    )
  const a = await pull('3', 'a')
  const b = await pull('4', 'b')
  const c = await pull('5', 'c')
  return { first, policies, base, champion, pulls: { a, b, c } }
}

async function versionOne(at: Workspace) {
  const { world, git, tools, data } = at
  const tagged = await git.tags(`${world.name}@v1.0.0`)
  if (!tools.storage.exists(`${data}/data.yaml`) || tagged.length === 0) {
    await world.versionOne(data, tools.console.progress(`  writing version 1 of ${world.name}`))
    await commitData(at, `Data set ${world.name}, version 1`)
  }
  const commit = tagged[0]?.commit ?? (await git.resolve('HEAD'))
  const policies = await policiesAt(git, commit)
  const base = await datasetAt(at, commit)
  const findings = await examineData(at, {
    base,
    head: base,
    policy: policies.dataset.yaml,
    waivers: policies.waivers.yaml,
    declaredDrift: [],
    champion: null,
  })
  const [{ smoke: proof }, champion] = await Promise.all([
    smokeOnce(at, { letter: 'v1', policies, dataset: base }),
    championOf(at, policies, base),
  ])
  const verdict = judgeModel(
    policies.model,
    [proof, champion.run, champion.evaluation],
    subjectOf(at, base, { candidate: champion }),
    true,
  )
  const evidence = keepEvidence(at, 'v1.0.0', [findings.findings, proof, champion.run, champion.evaluation, verdict])
  const word = verdict.body.verdict
  await standOn(at, 'main')
  if (word === 'pass')
    await releaseArm(at, {
      arm: champion,
      version: 'v1.0.0',
      commit,
      verdict,
      evidence,
      dataset: base,
      parity: [],
    })
  const tests = await testGates(at, { policies, dataset: base, arm: champion })
  const { stats } = champion.evaluation.body.coco
  const fact = `${base.images.length} images; champion trained from scratch, mAP50-95 ${ap(stats[0])}, mAP50 ${ap(stats[1])}; ${word === 'pass' ? `released as ${world.name}@v1.0.0` : verdict.body.reason}; ${gateTestsFact(tests)}`
  return { verdict: word, fact, evidence, result: { commit } }
}

function championOf(at: Workspace, policies: Policies, base: Dataset): Promise<Arm> {
  const pipeline = pipelineOf(at, 'champion', policies.champion)
  return trainArm(at, { role: 'champion', name: 'champion', pipeline, trainOn: base, judgeOn: base, startFrom: null })
}

/** A smoke train, read back when it was done before. */
async function smokeOnce(
  at: Workspace,
  input: { letter: string; policies: Policies; dataset: Dataset },
): Promise<{ smoke: Document<'Smoke', SmokeBody> }> {
  const { storage } = at.tools
  const file = `${at.root}/runs/smoke-${input.letter}/smoke.json`
  if (!storage.exists(file)) storage.write(file, JSON.stringify(await smokeProposal(at, input, input.dataset), null, 1))
  return { smoke: parseEvidence(smoke, storage.readText(file), file) }
}

/** One proposal from branch to comment, check and, when everything holds, merge. */
async function propose(at: Workspace, input: Omit<ProposalInput, 'head'>) {
  const { world, forge, tools } = at
  const { letter, baseCommit, champion, policies } = input
  const branch = `proposal/${letter}`
  const progress = tools.console.progress(`  writing proposal ${letter.toUpperCase()}`)
  const opened = await openProposal(at, { branch, from: baseCommit, proposal: world.proposals[letter], progress })
  for (const line of opened.planted.slice(0, 12)) tools.console.log(`    ${line}`)
  const full: ProposalInput = { ...input, head: opened.head }
  const { dataset, data } = await judgeData(at, full)
  const state: PullState = {
    number: opened.number,
    letter,
    branch,
    head: opened.head,
    dataset,
    base: input.base,
    data,
    merged: false,
  }
  if (data.findings.body.verdict === 'pass') {
    await show(at, state)
    state.smoke = (await smokeOnce(at, { letter, policies, dataset })).smoke
    if (state.smoke.body.verdict === 'pass') {
      const { candidate, control } = await trainProposal(at, full, dataset)
      await standOn(at, opened.head)
      state.arms = { champion, control, candidate }
      state.model = await judgeArms(at, full, dataset, { smoke: state.smoke, candidate, control })
    }
  }
  let report = await show(at, state)
  let mergeCommit: string | null = null
  const stale = await hasMoved(at, baseCommit)
  if (report.verdict === 'pass' && !stale) {
    const merged = await forge.merge(state.number, `${world.proposals[letter].title} (#${state.number})`)
    mergeCommit = merged.sha
    state.merged = true
    report = await reportPull(at, state)
  }
  tools.storage.write(`${at.root}/parts/pull-${letter}.json`, JSON.stringify(report))
  const evidence = keepEvidence(at, `pull-${letter}`, [
    data.findings,
    data.diff,
    data.drift,
    data.suspicious,
    state.smoke ?? null,
    ...(state.arms ? [state.arms.candidate.run, state.arms.control.run, state.arms.candidate.evaluation] : []),
    ...(state.model
      ? [...state.model.comparisons, state.model.attribution, state.model.latency, state.model.verdict]
      : []),
  ])
  const outcome = state.merged
    ? 'Merged.'
    : report.verdict === 'pass'
      ? 'Not merged: the data on main has moved since; propose it again on top of that.'
      : 'Not merged.'
  const fact = `${report.headline} ${outcome}`
  const result = { number: state.number, verdict: report.verdict, merged: state.merged, mergeCommit }
  return { verdict: report.verdict, fact, pullRequest: state.number, evidence, result }
}

async function show(at: Workspace, state: PullState): Promise<PullRequestReport> {
  const report = await reportPull(at, state)
  await postPull(at, state, report)
  return report
}

/** Whether the data set on main is another than the one that a proposal started from. */
async function hasMoved({ git, dataPath }: Workspace, baseCommit: string): Promise<boolean> {
  const changed = await git.changedFiles(baseCommit, 'main')
  return changed.some((file) => file.startsWith(`${dataPath}/`))
}

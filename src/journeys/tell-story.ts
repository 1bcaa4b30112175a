import { canonicalJson } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type StoryBody, story } from '../core/documents/story.ts'
import { verdict as verdictKind } from '../core/documents/verdict.ts'
import { UsageError } from '../core/errors.ts'
import { signed } from '../core/render/report/html.ts'
import type { ReportInput } from '../core/render/report-input.ts'
import { proposeAll } from './demo.ts'
import type { DemoTools, DemoWorld } from './demo-tools.ts'
import { datasetAt } from './propose-dataset.ts'
import { exportArtifacts, releaseArm } from './release-model.ts'
import { type Released, rollOut } from './roll-out-release.ts'
import { createStages } from './stages.ts'
import { type ReleaseResult, reportInput, summary, writeReport } from './story-report.ts'
import { type Arm, pipelineOf, trainArm } from './train-model.ts'
import type { Workspace } from './workspace.ts'

type Told = Awaited<ReturnType<typeof proposeAll>>

/** The whole story on a world; goes on where a stopped one was. Returns the story and where its report lies. */
export async function tellStory(tools: DemoTools, world: DemoWorld, root: string): Promise<StoryBody> {
  const { storage } = tools
  requireSameWorld(tools, world, root)
  storage.write(`${root}/workspace/.gitkeep`, '')
  const repository = `${root}/workspace`
  const git = tools.openGit(repository)
  const dvc = tools.openDvc(repository)
  const dataPath = `data/${world.name}`
  const places = { root, repository, dataPath, data: `${repository}/${dataPath}`, git, dvc, tools, world }
  await git.init('main')
  // What a stopped story left half-written is written again.
  await git.discardChanges()
  const forge = await tools.startForge({
    root: repository,
    stateFile: `${root}/forge.json`,
    repository: `acme/${world.name}`,
  })
  const at: Workspace = { ...places, forge: forge.forge }
  try {
    const stages = createStages(tools, root)
    const told = await proposeAll(at, stages, forge.protect)
    const release = await stages.run<ReleaseResult | null>('6', 'Release and promotion', () => releaseMerged(at, told))
    const rollouts = await stages.run<ReportInput['rollouts']>('7', 'Shadow, canary, rollback', () =>
      rollOutReleases(at, told, release),
    )
    const body = summary(world, stages)
    storage.write(`${root}/story.json`, JSON.stringify(story.make({}, body), null, 2))
    storage.write(`${root}/report-input.json`, JSON.stringify(reportInput(at, body, release, rollouts)))
    await stages.run('8', 'Report', async () => {
      writeReport(tools, root)
      return { verdict: 'pass', fact: 'one page, no network', result: null }
    })
    const whole = { ...body, steps: stages.steps() }
    storage.write(`${root}/story.json`, JSON.stringify(story.make({}, whole), null, 2))
    return whole
  } finally {
    await forge.close()
  }
}

function requireSameWorld({ storage }: DemoTools, world: DemoWorld, root: string): void {
  const file = `${root}/world.json`
  const settings = canonicalJson({
    name: world.name,
    identity: world.identity,
    classes: world.classes,
    imageSize: world.imageSize,
  })
  if (storage.exists(file) && storage.readText(file) !== settings) {
    throw new UsageError('another story was begun here', {
      where: root,
      mend: 'add --fresh to start over, or name another --output',
    })
  }
  storage.write(file, settings)
}

function candidateOf(at: Workspace, told: Told): Promise<Arm> {
  const pipeline = pipelineOf(at, 'candidate', told.policies.candidate)
  return trainArm(at, {
    role: 'candidate',
    name: 'candidate-b',
    pipeline,
    trainOn: told.base,
    judgeOn: told.base,
    startFrom: told.champion.weights,
  })
}

async function releaseMerged(at: Workspace, told: Told) {
  const { tools, world, root } = at
  const { b } = told.pulls
  if (!b.merged || !b.mergeCommit) {
    const fact = `Nothing is released: pull request ${b.number} is ${b.verdict}.`
    return { verdict: 'inconclusive' as const, fact, result: null }
  }
  const dataset = await datasetAt(at, b.mergeCommit)
  const arm = await candidateOf(at, told)
  const parity = await exportArtifacts(at, { arm, dataset, policies: told.policies })
  const file = `${root}/evidence/pull-b/verdict.json`
  const verdict = parseEvidence(verdictKind, tools.storage.readText(file), file)
  const evidence = Object.fromEntries(
    tools.storage
      .list(`${root}/evidence/pull-b`)
      .map((name) => [name.replace(/\.json$/, ''), `evidence/pull-b/${name}`]),
  )
  const request = {
    arm,
    commit: b.mergeCommit,
    verdict,
    evidence,
    dataset,
    parity,
  }
  const release = await releaseArm(at, { ...request, version: 'v1.1.0' })
  const refused = parity
    .filter(({ verdict: word }) => word !== 'pass')
    .map(({ label, body }) => `${label}: refused, mAP ${differenceOf(body.map.difference)}`)
  const kept = parity.filter(({ verdict: word }) => word === 'pass').map(({ label }) => label)
  const fact = `${release.tag} names ${release.manifest.body.evidence.length} documents; ONNX is what was gated. Parity passes: ${kept.join('; ') || 'none'}. ${refused.join('; ')}`
  const result: ReleaseResult = { version: 'v1.1.0', manifest: release.file, parity }
  tools.console.log(`  ${world.name}@v1.1.0 promoted to production by pull request ${release.promotion ?? '–'}`)
  return { verdict: 'pass' as const, fact, pullRequest: release.promotion ?? 0, result }
}

async function rollOutReleases(at: Workspace, told: Told, release: ReleaseResult | null) {
  if (!release)
    return { verdict: 'inconclusive' as const, fact: 'nothing was released, so nothing takes traffic', result: [] }
  const { root, tools } = at
  const candidate = await candidateOf(at, told)
  const released = (version: string, arm: Arm): Released => ({
    version,
    artifact: arm.artifact,
    manifest: `${root}/releases/${version}.json`,
    folder: arm.folder,
  })
  const { policies } = told
  const first = await rollOut(at, {
    title: 'v1.1.0 under traffic',
    champion: released('v1.0.0', told.champion),
    challenger: released('v1.1.0', candidate),
    policies,
    seed: 'first',
  })
  // The second release is the same model with one setting wrong: its pictures arrive as BGR. `release` refuses that, since
  // the verdict is about RGB; somebody in a hurry overrides it, and only the shadow is left to notice.
  const file = `${root}/evidence/pull-b/verdict.json`
  const verdict = parseEvidence(verdictKind, tools.storage.readText(file), file)
  const { mergeCommit } = told.pulls.b
  const dataset = await datasetAt(at, mergeCommit ?? 'main')
  const evidence = { verdict: 'evidence/pull-b/verdict.json' }
  await releaseArm(at, {
    arm: candidate,
    version: 'v1.1.1',
    commit: mergeCommit ?? 'main',
    verdict,
    evidence,
    dataset,
    parity: [],
    unjudged: { channels: 'BGR', reason: 'the camera gateway sends BGR since today; no time to evaluate again' },
  })
  const second = await rollOut(at, {
    title: 'v1.1.1, released by hand over the verdict to read BGR for RGB, under traffic',
    champion: released('v1.1.0', candidate),
    challenger: released('v1.1.1', candidate),
    policies,
    seed: 'second',
  })
  const asTold = first.verdict === 'pass' && second.verdict === 'fail'
  const fact = `v1.1.0 ${first.state.phase}; v1.1.1, whose swapped colours were released over the verdict, ${second.state.phase} after ${second.state.looks.at(-1)?.requests ?? 0} requests`
  return { verdict: asTold ? ('pass' as const) : ('inconclusive' as const), fact, result: [first, second] }
}

function differenceOf({ value, low, high }: { value: number; low?: number; high?: number }): string {
  return low === undefined || high === undefined ? signed(value) : `${signed(value)} [${signed(low)}, ${signed(high)}]`
}

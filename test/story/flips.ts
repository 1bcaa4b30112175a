import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConsole } from '../../src/cli/console.ts'
import { demoTools } from '../../src/cli/demo-tools.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import type { Document } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { releaseManifest } from '../../src/core/documents/release.ts'
import { smoke } from '../../src/core/documents/training.ts'
import { compareArms, judgeModel, subjectOf } from '../../src/journeys/judge-model.ts'
import { policiesAt } from '../../src/journeys/policies.ts'
import { rollOut } from '../../src/journeys/roll-out-release.ts'
import { type Arm, pipelineOf, trainArm } from '../../src/journeys/train-model.ts'
import { worksiteData } from '../../src/journeys/worksite-data.ts'
import type { Workspace } from '../../src/journeys/workspace.ts'
import { standOn } from '../../src/journeys/workspace.ts'
import { evaluateModel } from '../../src/steps/evaluate-model.ts'
import { smokeTrain } from '../../src/steps/smoke.ts'

const progress = { update: () => {}, end: () => {} }

/** A copy of a told story, to change one thing in it; its forge is not started. */
function copyOf(root: string): Workspace & { dispose: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-flip-'))
  const copy = join(folder, 'demo')
  mkdirSync(copy)
  for (const part of ['workspace', 'runs', 'releases', 'evidence'])
    cpSync(join(root, part), join(copy, part), { recursive: true })
  const tools = demoTools({ ...createConsole(), log: () => {}, progress: () => progress }, new AbortController().signal)
  const world = worksiteData(tools)
  const repository = join(copy, 'workspace')
  const refuse = () => Promise.reject(new Error('a flip asks nothing of a forge'))
  const forge = new Proxy({} as Workspace['forge'], { get: () => refuse })
  return {
    root: copy,
    repository,
    dataPath: 'data/worksite',
    data: join(repository, 'data/worksite'),
    git: tools.openGit(repository),
    dvc: tools.openDvc(repository),
    forge,
    tools,
    world,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function armsOf(at: Workspace) {
  const [{ commit } = { commit: '' }] = await at.git.tags('worksite@v1.0.0')
  const policies = await policiesAt(at.git, commit)
  await standOn(at, commit)
  const base = at.tools.readDataset(at.data)
  const pipeline = pipelineOf(at, 'candidate', policies.candidate)
  const read = (role: Arm['role'], name: string, startFrom: string | null) =>
    trainArm(at, { role, name, pipeline, trainOn: base, judgeOn: base, startFrom })
  const champion = await read('champion', 'champion', null)
  const control = await read('control', 'control', champion.weights)
  return { commit, policies, base, pipeline, champion, control }
}

/** The model verdict on proposal C as it came, and with the same pictures labelled right. */
export async function flipLabels(root: string): Promise<{ spoilt: string; right: string }> {
  const at = copyOf(root)
  try {
    const { commit, policies, base, pipeline, champion, control } = await armsOf(at)
    const { proposals } = worksiteData(at.tools, { spoil: null })
    await standOn(at, commit)
    await proposals.c.write(at.data, progress)
    const dataset = at.tools.readDataset(at.data)
    const proof = await smokeTrain(at.tools, {
      pipeline: pipelineOf(at, 'smoke', policies.smoke),
      dataset,
      root: at.data,
      output: join(at.root, 'runs/smoke-right'),
      subject: datasetDigests(dataset),
      progress,
    })
    const candidate = await trainArm(at, {
      role: 'candidate',
      name: 'candidate-right',
      pipeline,
      trainOn: dataset,
      judgeOn: base,
      startFrom: champion.weights,
    })
    const subject = subjectOf(at, dataset, { candidate, champion, control })
    const evidence: Document[] = [
      parseEvidence(smoke, JSON.stringify(proof.document), 'smoke'),
      candidate.evaluation,
      ...compareArms(at, candidate, [champion, control]),
    ]
    const right = judgeModel(policies.model, evidence, subject)
    const spoilt = JSON.parse(readFileSync(join(root, 'evidence/pull-c/verdict.json'), 'utf8')) as {
      body: { verdict: string }
    }
    return { spoilt: spoilt.body.verdict, right: right.body.verdict }
  } finally {
    at.dispose()
  }
}

/** How a rollout of the broken release ends when its manifest says RGB again. */
export async function flipColours(root: string): Promise<string> {
  const at = copyOf(root)
  try {
    const { policies } = await armsOf(at)
    const broken = join(at.root, 'releases/v1.1.1.json')
    const manifest = parseEvidence(releaseManifest, readFileSync(broken, 'utf8'), broken)
    if (manifest.body.preprocessing.channels !== 'BGR') throw new Error('the broken release reads RGB already')
    const [judged] = manifest.body.overrides ?? []
    if (judged?.what !== 'serving') throw new Error('the broken release does not say that it was made over its verdict')
    // As it was judged: the digest of the settings goes with them, else it is refused as edited by hand.
    manifest.body.preprocessing.channels = 'RGB'
    const subject = { ...manifest.subject, ...(judged.judged ? { serving: judged.judged } : {}) }
    writeFileSync(broken, JSON.stringify({ ...manifest, subject }))
    const folder = join(at.root, 'runs/candidate-b')
    const release = (version: string) => ({
      version,
      artifact: join(folder, 'last.onnx'),
      manifest: join(at.root, `releases/${version}.json`),
      folder,
    })
    const { state } = await rollOut(at, {
      title: 'restored',
      champion: release('v1.1.0'),
      challenger: release('v1.1.1'),
      policies,
      seed: 'flip',
    })
    return state.phase
  } finally {
    at.dispose()
  }
}

/** mAP50-95 of the candidate's ONNX file in yolo val's own mode: ours and the trainer's. */
export async function sameAsTrainer(root: string): Promise<{ ours: number; theirs: number }> {
  const at = copyOf(root)
  try {
    const { base } = await armsOf(at)
    const artifact = join(at.root, 'runs/candidate-b/last.onnx')
    const serving = {
      imageSize: 160,
      channels: 'RGB',
      confidence: 0.001,
      iou: 0.7,
      maxDetections: 300,
      multiLabel: true,
    } as const
    const { evaluation } = await evaluateModel(at.tools, {
      artifact,
      dataset: base,
      split: 'val',
      serving,
      threads: 1,
      subject: {},
    })
    const images = base.images.filter(({ split }) => split === 'val').map(({ file }) => join(at.data, file))
    const theirs = await at.tools.trainer.validate({
      model: artifact,
      images,
      classes: base.classes,
      imageSize: 160,
      threads: 1,
      output: join(at.root, 'runs/validate'),
    })
    return { ours: evaluation.body.ultralytics.map, theirs: theirs.map }
  } finally {
    at.dispose()
  }
}

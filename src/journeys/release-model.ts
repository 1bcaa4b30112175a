import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { type Document, sha256 } from '../core/documents/define.ts'
import type { ParityBody } from '../core/documents/operational.ts'
import type { ReleaseManifestBody } from '../core/documents/release.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import type { VerdictWord } from '../core/render/report-input.ts'
import { exportModel, spread } from '../steps/export.ts'
import { gate } from '../steps/gate.ts'
import { parity } from '../steps/parity.ts'
import { promote } from '../steps/promote.ts'
import { makeRelease, type Release } from '../steps/release.ts'
import { servingOf } from './demo-tools.ts'
import type { Policies } from './policies.ts'
import type { Arm } from './train-model.ts'
import type { Workspace } from './workspace.ts'

export type Judged = {
  label: string
  path: string
  format: string
  body: ParityBody
  verdict: VerdictWord
  reason: string
}

const formats = [
  { export: 'onnx-fp16', judgedAs: 'onnx-fp16', label: 'FP16' },
  { export: 'onnx-int8', judgedAs: 'onnx-int8', label: 'INT8, head left out' },
  { export: 'onnx-int8-all', judgedAs: 'onnx-int8', label: 'INT8, every layer' },
] as const

/** Exports a gated model further, and judges what each artefact loses against the ONNX that was gated. */
export async function exportArtifacts(
  at: Workspace,
  input: { arm: Arm; dataset: Dataset; policies: Policies },
): Promise<Judged[]> {
  const { tools, data, world } = at
  const { arm, dataset, policies } = input
  const split = (name: string) =>
    dataset.images.filter((image) => image.split === name).map((image) => `${data}/${image.file}`)
  const artifacts = await exportModel(tools, {
    weights: arm.weights,
    imageSize: world.imageSize,
    output: `${arm.folder}/artifacts`,
    formats: formats.map((format) => format.export),
    calibration: spread(split('train'), 64),
    forbidden: [...split('val'), ...split('test')],
    threads: 2,
    progress: tools.console.progress('  exporting FP16 and INT8'),
    signal: tools.signal,
  })
  const file = `${arm.folder}/predictions.json`
  const referencePredictions = decodePredictions(tools.storage.readText(file), file)
  const judged: Judged[] = []
  for (const { export: format, judgedAs, label } of formats) {
    const artifact = artifacts.find((item) => item.format === format)
    if (!artifact) continue
    const document = await parity(tools, {
      reference: { format: 'onnx', artifact: arm.artifact },
      artifact: { format: judgedAs, artifact: artifact.path },
      dataset,
      split: 'val',
      serving: servingOf(world.imageSize),
      threads: 2,
      subject: { model: arm.tensors, artifact: artifact.sha256 },
      referencePredictions,
      progress: tools.console.progress(`  parity of ${label}`),
    })
    const { body } = gate({ policy: policies.export, evidence: [document], subject: document.subject, options: {} })
    const line =
      body.lines.find(({ measure, observed }) => observed !== null && measure.includes('map')) ??
      body.lines.find(({ observed }) => observed !== null)
    judged.push({
      label,
      path: artifact.path,
      format: judgedAs,
      body: document.body,
      verdict: line?.verdict ?? 'inconclusive',
      reason: line?.reason ?? body.reason,
    })
  }
  return judged
}

export type ReleaseRequest = {
  arm: Arm
  version: string
  commit: string
  verdict: Document<'Verdict', VerdictBody>
  /** Paths of the evidence by kind, relative to the story. */
  evidence: Record<string, string>
  dataset: Dataset
  parity: Judged[]
  /** The broken preprocessing of the story: other channels than were judged, released over the verdict for a reason. */
  unjudged?: { channels: 'BGR'; reason: string }
}

/** Tags a release whose manifest names every digest, keeps its files in DVC, and puts it on the production channel. */
export async function releaseArm(
  at: Workspace,
  request: ReleaseRequest,
): Promise<Release & { file: string; promotion: number | null }> {
  const { git, forge, tools, world, root } = at
  const { storage } = tools
  const { arm, version, commit, verdict } = request
  const { labels, images = null } = datasetDigests(request.dataset)
  const evidence = Object.entries(request.evidence).map(([, path]) => ({
    path,
    document: JSON.parse(storage.readText(`${root}/${path}`)) as Document,
  }))
  const release = await makeRelease(git, {
    model: world.name,
    version,
    revision: commit,
    date: await dateOf(at, commit),
    verdict,
    dataset: { labels, images, commit },
    tensors: arm.tensors,
    classes: world.classes,
    serving: { ...servingOf(world.imageSize), confidence: 0.25, channels: request.unjudged?.channels ?? 'RGB' },
    ...(request.unjudged ? { overrideServing: request.unjudged.reason } : {}),
    artifacts: artifactsOf(at, request),
    evidence: evidence.filter(({ document }) => document.kind !== 'Verdict'),
    verdictPath: request.evidence.verdict ?? '',
  })
  const file = `${root}/releases/${version}.json`
  storage.write(file, `${JSON.stringify(release.manifest, null, 2)}\n`)
  await forge.createRelease({ tag: release.tag, name: release.tag, body: verdict.body.reason })
  const promotion = await promoteRelease(at, request, release)
  return { ...release, file, promotion }
}

/** The promotion is a pull request that carries the manifest, and the DVC pointer of the release's files. */
async function promoteRelease(
  at: Workspace,
  { arm, version, verdict, unjudged }: ReleaseRequest,
  release: Release,
): Promise<number | null> {
  const { git, dvc, forge, tools, world, repository } = at
  const { storage } = tools
  const branch = `promote/production/${world.name}-${version}`
  if ((await git.resolve(`refs/heads/${branch}`).catch(() => null)) === null) await git.branch(branch, 'main')
  await git.checkout(branch)
  const folder = `models/${world.name}/${version}`
  const names = [
    'last.pt',
    'best.pt',
    'results.csv',
    'last.onnx',
    'train-run.json',
    'evaluation.json',
    'predictions.json',
  ]
  for (const name of names.filter((item) => storage.exists(`${arm.folder}/${item}`))) {
    storage.write(`${repository}/${folder}/${name}`, storage.read(`${arm.folder}/${name}`))
  }
  const pointers = await dvc.add([folder])
  await git.commit(`Keep the files of ${release.tag}`, [...pointers, `models/${world.name}/.gitignore`])
  await dvc.push(pointers)
  await git.checkout('main')
  const artifact = sha256(storage.read(arm.artifact))
  const change = await promote(
    { git, storage, forge },
    {
      channel: 'production',
      base: 'main',
      manifest: release.manifest,
      artifact,
      summary: `${release.tag}: ${verdict.body.reason}`,
    },
  )
  const pull = change.pullRequest
  if (!pull) return null
  await forge.upsertCheck({
    name: 'sluice',
    sha: pull.head.sha,
    conclusion: 'success',
    title: `${release.tag} carries a pass verdict${unjudged ? ' of other serving settings, overridden by hand' : ''}`,
    summary: verdict.body.reason,
    annotations: [],
  })
  await git.checkout(branch)
  await forge.merge(pull.number, `Promote ${release.tag} to production (#${pull.number})`)
  await git.checkout('main')
  return pull.number
}

function artifactsOf(at: Workspace, { arm, parity: judged }: ReleaseRequest): ReleaseManifestBody['artifacts'] {
  const { storage } = at.tools
  const item = (format: string, path: string, state: string, calibration?: string) => {
    const bytes = storage.read(path)
    return {
      format,
      path: path.slice(at.root.length + 1),
      sha256: sha256(bytes),
      bytes: bytes.length,
      state,
      ...(calibration ? { calibration } : {}),
    }
  }
  const kept = judged.filter(({ verdict }) => verdict === 'pass')
  return [
    item('onnx', arm.artifact, 'gated'),
    item('pytorch', arm.weights, 'trained'),
    ...kept.map(({ format, path, body }) =>
      item(format, path, `parity measured on ${body.images} images`, body.artifact.calibration),
    ),
  ]
}

/** Date of a tag: that of its commit, so that the same release gives the same tag. */
async function dateOf({ tools, root }: Workspace, commit: string): Promise<string> {
  const file = `${root}/dates/${commit}`
  if (!tools.storage.exists(file)) tools.storage.write(file, tools.clock.now().toISOString())
  return tools.storage.readText(file)
}

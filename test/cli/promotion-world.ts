import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { openDataset } from '../../src/adapters/open-dataset.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { lineText, type VerifyRequest, verifyPromotionIn } from '../../src/cli/verify-promotion.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import { type Document, type DocumentOf, sha256 } from '../../src/core/documents/define.ts'
import { dirManifest, md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { decodePredictions } from '../../src/core/metrics/predictions-file.ts'
import { judgingOf, writeBundle } from '../../src/steps/bundle.ts'
import { compareEvaluations } from '../../src/steps/compare-models.ts'
import { evaluateDetections } from '../../src/steps/evaluate-detections.ts'
import { evaluateModel } from '../../src/steps/evaluate-model.ts'
import { gate } from '../../src/steps/gate.ts'
import { promote } from '../../src/steps/promote.ts'
import { makeRelease } from '../../src/steps/release.ts'
import { doctorWorld } from '../steps/doctor-world.ts'
import { trainRunBody } from '../steps/train-run-body.ts'

export const policyYaml = `name: model
gates:
  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }
  - { gate: no-regression, evidence: Comparison, target: champion, margin: 0.05, minimumUnits: 3 }
`
const today = '2026-11-22'
const date = `${today}T10:00:00Z`
const serving = {
  imageSize: 64,
  channels: 'RGB' as const,
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}
type Made = { artifact: string; document: DocumentOf<typeof evaluation>; json: string; tensors: string }

/**
 * A repository whose data set real DVC keeps, with the gates of a base; `release` makes a release of a model and
 * `propose` its promotion, as the commands do. `seen` is the model that is really run, where a forger runs another one.
 */
export async function promotionWorld() {
  const world = await doctorWorld(6)
  const root = join(world.root, 'repository')
  mkdirSync(root)
  const git = createGit(root, { date })
  await git.init('main')
  const dvc = createDvc(root)
  await dvc.init()
  const store = join(world.root, 'store')
  await dvc.addRemote('store', store)
  cpSync(world.data, join(root, 'data/cells'), { recursive: true })
  const write = (path: string, text: string) => createStorage().write(join(root, path), text)
  write('gates/model.yaml', policyYaml)
  await dvc.push(await dvc.add(['data/cells/images', 'data/cells/labels']))
  const commit = (await git.commit('data', ['.'])) as string
  await using opened = await openDataset('data/cells', { cwd: root, md5: true })
  const { dataset } = opened
  const digests = datasetDigests(dataset)
  const tools = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }

  const evaluate = async (version: string, artifact: string, seen = artifact): Promise<Made> => {
    const tensors = sha256(`tensors of ${version}`)
    const subject = {
      model: tensors,
      artifact: sha256(readFileSync(artifact)),
      validationSet: digests.validationSet as string,
    }
    const input = { artifact: seen, dataset, split: 'val' as const, serving, threads: 1, subject }
    const predictionsFile = `predictions-${version}.json`
    const made = await evaluateModel(tools, { ...input, predictionsFile })
    return { artifact, document: made.evaluation, json: made.predictionsJson, tensors }
  }

  /** The evaluation that other predictions give, every number and digest computed again. */
  const score = ({ document }: Made, json: string): Made['document'] => {
    const { truth, detections, classes, scenes } = decodePredictions(json, 'edited')
    const { served, labelSource, predictions } = document.body
    const body = evaluateDetections({
      ...{ truth, detections, classNames: classes, scenes, slices: [], served, labelSource, resamples: 500 },
      predictions: { file: predictions?.file ?? '', sha256: sha256(json) },
    })
    return evaluation.make(document.subject, body)
  }

  /** What dvc add and dvc push leave of a folder, written without starting DVC. */
  const keep = (version: string, files: Record<string, Uint8Array>) => {
    const entries = Object.entries(files).map(([path, bytes]) => ({ path, md5: md5Of(bytes), bytes }))
    const manifest = dirManifest(entries)
    for (const { md5, bytes } of [...entries, manifest]) createStorage().write(join(store, objectPath(md5)), bytes)
    return `outs:\n- md5: ${manifest.md5}\n  size: 1\n  nfiles: ${entries.length}\n  hash: md5\n  path: ${version}\n`
  }

  const release = async (
    version: string,
    candidate: Made,
    champion: Made | null,
    more: {
      policy?: string
      commit?: string
      labels?: string
      byDvc?: boolean
      control?: Made
      /** Whose boxes go into comparisons as the candidate's, where a forger takes others. */
      flattering?: Made
      /** Further files that are kept with the release. */
      kept?: Record<string, Uint8Array>
      /** Further evidence, which the gates of the model do not read. */
      beside?: Document[]
    } = {},
  ) => {
    const { control, flattering = candidate, beside = [] } = more
    const side = ({ document, json }: Made, name: string) => ({
      ...{ name, file: name, document },
      predictions: decodePredictions(json, name),
    })
    const run = trainRun.make(
      {
        model: candidate.tensors,
        labels: digests.labels,
        images: digests.images as string,
        trainSet: digests.trainSet as string,
      },
      { ...trainRunBody, tensors: candidate.tensors },
    )
    const compared = Object.entries({ champion, control }).flatMap(([name, arm]) =>
      arm
        ? [
            compareEvaluations({
              ...{ baseline: side(arm, name), candidate: side(flattering, 'candidate') },
              ...{ metric: 'map' as const, resamples: 200, seed: 0 },
            }),
          ]
        : [],
    )
    const arms = [...new Set([candidate, champion, control, flattering].filter((arm) => arm != null))]
    const evidence = [run, ...arms.map(({ document }) => document), ...compared]
    const policy = { yaml: more.policy ?? policyYaml, file: 'gates/model.yaml' }
    const { labels, images, trainSet, validationSet } = digests as Record<string, string>
    const subject = {
      ...{ labels, images, trainSet, validationSet, model: candidate.tensors },
      artifact: candidate.document.subject.artifact as string,
      ...(champion ? { champion: champion.tensors } : {}),
      ...(control ? { control: control.tensors } : {}),
    } as Record<string, string>
    const options = { today, firstRelease: champion === null }
    const verdict = gate({ policy, evidence, subject, options })
    const bytes = readFileSync(candidate.artifact)
    const { manifest } = await makeRelease(git, {
      ...{ model: 'cells', version, revision: 'main', date, verdict, verdictPath: 'verdict.json' },
      dataset: {
        labels: more.labels ?? digests.labels,
        images: digests.images as string,
        commit: more.commit ?? commit,
      },
      ...{ tensors: candidate.tensors, classes: dataset.classes },
      serving: { ...serving, confidence: 0.25 },
      artifacts: [{ format: 'onnx', path: 'model.onnx', sha256: sha256(bytes), bytes: bytes.length, state: 'gated' }],
      evidence: [...evidence, ...beside].map((document, i) => ({ document, path: `evidence-${i}.json` })),
    })
    const judging = judgingOf({
      ...{ verdict, policies: [{ name: 'model', ...policy }], evidence, accepted: [] },
      ...options,
    })
    const predictions = new Map(arms.map(({ json }) => [sha256(json), json]))
    const bundle = writeBundle({
      ...{ manifest, verdict: verdict as never, judging, evidence: [...evidence, ...beside], predictions },
    })
    const files = { 'model.onnx': bytes, 'release.bundle': Buffer.from(bundle), ...more.kept }
    const made = { version, manifest, bundle, artifact: sha256(bytes), files }
    if (!more.byDvc) return { ...made, pointer: keep(version, files) }
    const folder = `models/cells/${version}`
    mkdirSync(join(root, folder), { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, folder, name), content)
    const [pointer = ''] = await dvc.add([folder])
    await dvc.push([pointer])
    return { ...made, pointer: readFileSync(join(root, pointer), 'utf8') }
  }

  const ports = { git, storage: createStorage(), forge: null }
  const propose = async ({ manifest, bundle, artifact, pointer }: Awaited<ReturnType<typeof release>>) => {
    const input = { channel: 'production', base: 'main', manifest, artifact, bundle: sha256(bundle), pointer }
    const { branch } = await promote(ports, { ...input, summary: 'it passed' })
    return branch as string
  }
  /** A commit with other files on top of a revision. */
  const commitOn = async (revision: string, files: Record<string, string | Uint8Array>) => {
    await git.checkout(await git.resolve(revision))
    try {
      for (const [path, content] of Object.entries(files)) createStorage().write(join(root, path), content)
      return (await git.commit('changed', Object.keys(files))) as string
    } finally {
      await git.checkout('main')
    }
  }
  const verify = async (head: string, change: Partial<VerifyRequest> = {}) => {
    const request = { channel: 'production', base: 'main', head, data: 'data/cells', policy: 'gates/model.yaml', today }
    const { body } = await verifyPromotionIn(root, { ...request, ...change }, () => {})
    const open = body.lines.filter((line) => line.verdict !== 'pass').map(lineText)
    return { verdict: body.verdict, open, lines: body.lines.map(lineText) }
  }
  /** The same detector that is less sure: another file, and much it does not see. */
  const weaker = async (bias: number, blue = bias) => {
    const file = join(world.root, `weaker${bias}${blue}.onnx`)
    const program = `import sys, onnx, numpy as np
from onnx import numpy_helper
m = onnx.load(sys.argv[1])
for t in m.graph.initializer:
    if t.name == 'b': t.CopyFrom(numpy_helper.from_array(np.asarray([${bias}, ${blue}], dtype=np.float32), 'b'))
onnx.save(m, sys.argv[2])`
    await execa(pythonTool('python'), ['-c', program, world.model, file])
    return file
  }
  return {
    ...{ root, store, git, ports, commit, digests, model: world.model, remove: world.remove },
    ...{ evaluate, score, keep, release, propose, commitOn, verify, weaker },
  }
}

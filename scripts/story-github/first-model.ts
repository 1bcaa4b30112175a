import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { createGit } from '../../src/adapters/git.ts'
import { keepRelease } from '../../src/adapters/keep-release.ts'
import { type DocumentOf, documentId, sha256 } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { releaseManifest } from '../../src/core/documents/release.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { promotionChange } from '../../src/steps/promote.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Steps that a few requests decide, so that a rollout is over in seconds. */
export const rolloutPolicy = `name: rollout
rollout:
  shadow: { minimumRequests: 60, minimumSeconds: 0 }
  steps: [0.5, 1]
  minimumRequests: 60
  minimumSeconds: 0
  maximumRequests: 100000
  alpha: 0.05
  margins: { lost: 0.2, failures: 0.1, latency: 3, flood: 0.4 }
`

/** Releases must be attested; jobs run on this machine, which is none of GitHub's. */
export const releasePolicy = 'name: release\nattestations: { required: true, selfHosted: true }\n'

/** Recipes that learn a little in seconds: what they are for is that every step is taken, not the figures. */
export function recipes(): Record<string, string> {
  const recipe = (name: string, role: string, epochs: number, more = '') =>
    [
      `name: ${name}`,
      'trainer: ultralytics',
      `role: ${role}`,
      'model: models/site.yaml',
      'seed: 0',
      'threads: 1',
      'imageSize: 64',
      `epochs: ${epochs}`,
      'arguments: { batch: 2, nbs: 2, optimizer: AdamW, lr0: 0.001, device: cpu, amp: false, mosaic: 0 }',
      more,
    ].join('\n')
  return {
    'pipelines/models/site.yaml': readFileSync(join(root, 'pipelines/models/worksite.yaml'), 'utf8'),
    'pipelines/champion.yaml': recipe('champion', 'champion', 60),
    'pipelines/candidate.yaml': recipe('candidate', 'candidate', 2, 'updates: 80\n'),
    'pipelines/smoke.yaml': recipe(
      'smoke',
      'smoke',
      80,
      'smoke: { images: 4, limitMap50: 0, limitFall: 0, limitShuffledMap50: 1 }\n',
    ),
    'gates/model.yaml': [
      'name: model',
      'gates:',
      '  - { gate: training-sanity, evidence: TrainRun, measure: broken-losses, atMost: 0 }',
      '  - { gate: no-regression, evidence: Comparison, target: champion, margin: 0.5, minimumUnits: 3 }',
      '  - { gate: no-harm, evidence: Comparison, target: control, margin: 0.5, minimumUnits: 3, whenInconclusive: report }',
      '',
    ].join('\n'),
    'gates/latency.yaml':
      'name: latency\ngates:\n  - { gate: latency, evidence: Latency, measure: ratio-p50, atMost: 3, minimumUnits: 10 }\n',
    'gates/release.yaml': releasePolicy,
    'gates/rollout.yaml': rolloutPolicy,
  }
}

/** Trains a first model on the commit that a repository is at, with the program of the action; the folder that it leaves. */
export async function trainFirstModel(repository: string, commit: string, scratch: string): Promise<string> {
  mkdirSync(scratch, { recursive: true })
  writeFileSync(join(scratch, 'output'), '')
  await execa(process.execPath, [join(root, 'actions/train/main.ts')], {
    cwd: repository,
    env: {
      INPUT_PATH: 'data/site',
      INPUT_ROLE: 'champion',
      INPUT_CHANNEL: 'production',
      GITHUB_WORKSPACE: repository,
      GITHUB_SHA: commit,
      GITHUB_OUTPUT: join(scratch, 'output'),
      RUNNER_TEMP: scratch,
    },
  })
  return join(scratch, 'sluice-arm')
}

/**
 * Writes what a first release of a trained arm leaves in a repository: manifest, channel, and the DVC file of its files,
 * which a remote beside the repository keeps. Not judged: a story that begins in the middle has to begin somewhere.
 */
export async function writeFirstRelease(
  repository: string,
  {
    commit,
    arm,
    remote,
    classes = ['person', 'helmet'],
  }: {
    commit: string
    arm: string
    remote: string
    classes?: string[]
  },
): Promise<void> {
  const file = join(arm, 'train-run.json')
  const run: DocumentOf<typeof trainRun> = parseEvidence(trainRun, readFileSync(file, 'utf8'), file)
  const kept = mkdtempSync(join(tmpdir(), 'sluice-first-'))
  const artifacts = [
    { format: 'onnx', path: 'last.onnx' },
    { format: 'pytorch', path: 'last.pt' },
  ].map(({ format, path }) => {
    cpSync(join(arm, path), join(kept, path))
    const bytes = readFileSync(join(arm, path))
    return { format, path, sha256: sha256(bytes), bytes: bytes.length, state: 'trained' }
  })
  const release = { model: 'site', version: 'v1.0.0' }
  const manifest = releaseManifest.make(run.subject, {
    ...release,
    dataset: { labels: run.subject.labels as string, images: null, commit },
    tensors: run.body.tensors,
    classes,
    preprocessing: { size: 64, channels: 'RGB', letterbox: 114, scale: 1 / 255 },
    postprocessing: { confidence: 0.25, iou: 0.7, maxDetections: 300, nms: 'one class a box' },
    artifacts,
    evidence: [{ kind: 'TrainRun', id: documentId(run), path: 'train-run.json' }],
    verdict: 'pass',
  })
  const dvc = createDvc(repository)
  await dvc.init()
  await dvc.addRemote('store', remote)
  const pointer = await keepRelease(repository, release, kept)
  rmSync(kept, { recursive: true, force: true })
  const change = await promotionChange(createGit(repository), {
    channel: 'production',
    base: 'HEAD',
    manifest,
    artifact: artifacts[0]?.sha256 ?? '',
    ...(pointer === null ? {} : { pointer }),
    summary: '',
  })
  for (const [path, text] of Object.entries(change?.files ?? {})) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), text)
  }
}

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { type Document, documentId, sha256 } from '../../src/core/documents/define.ts'
import { parseAnyEvidence } from '../../src/core/documents/registry.ts'
import { type channel, releaseManifest } from '../../src/core/documents/release.ts'
import type { VerdictBody } from '../../src/core/documents/verdict.ts'
import { acceptancePath, acceptanceText } from '../../src/core/judge/acceptance.ts'
import { gate } from '../../src/steps/gate.ts'
import { tinySet } from '../adapters/tiny-set.ts'
import { runAction } from './run-action.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-chain-'))
const [repository, proposal, scratch] = ['repository', 'proposal', 'scratch'].map((name) => join(root, name)) as [
  string,
  string,
  string,
]
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd, encoding: 'utf8' }).trim()
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(repository, path)), { recursive: true })
  writeFileSync(join(repository, path), text)
}
const pipeline = (name: string, role: string, more = '', epochs = 2) =>
  write(
    `pipelines/${name}.yaml`,
    `name: ${name}\ntrainer: ultralytics\nrole: ${role}\nmodel: models/tiny.yaml\nseed: 0\nthreads: 1\nimageSize: 64\nepochs: ${epochs}\narguments: { batch: 2, nbs: 2, optimizer: AdamW, lr0: 0.001, device: cpu, amp: false, mosaic: 0 }\n${more}`,
  )
let head = ''
let trust = ''

beforeAll(async () => {
  const set = await tinySet(10)
  for (const split of ['train', 'val']) {
    for (const kind of ['images', 'labels']) mkdirSync(join(repository, 'data/tiny', kind, split), { recursive: true })
  }
  set.images.forEach((image, i) => {
    const split = i < 7 ? 'train' : 'val'
    const name = `p${i}`
    renameSync(image, join(repository, 'data/tiny/images', split, image.slice(image.lastIndexOf('/') + 1)))
    renameSync(join(set.root, 'labels', `${name}.txt`), join(repository, 'data/tiny/labels', split, `${name}.txt`))
  })
  rmSync(set.root, { recursive: true, force: true })
  write('data/tiny/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames: [red, blue]\n')
  mkdirSync(join(repository, 'pipelines/models'), { recursive: true })
  cpSync(join(home, 'pipelines/models/worksite.yaml'), join(repository, 'pipelines/models/tiny.yaml'))
  pipeline('champion', 'champion')
  pipeline('candidate', 'candidate', 'updates: 4\n')
  pipeline('smoke', 'smoke', 'smoke: { images: 4, limitMap50: 0, limitFall: 0, limitShuffledMap50: 1 }\n', 80)
  // What two epochs can show: that there is a record, and what it is compared with.
  write(
    'gates/model.yaml',
    'name: model\ngates:\n  - { gate: training-sanity, evidence: TrainRun, measure: broken-losses, atMost: 0 }\n  - { gate: no-regression, evidence: Comparison, target: champion, margin: 0.5, minimumUnits: 3 }\n  - { gate: no-harm, evidence: Comparison, target: control, margin: 0.5, minimumUnits: 3, whenInconclusive: report }\n',
  )
  git(repository, 'init', '--quiet', '--initial-branch=main')
  git(repository, 'add', '--all')
  git(repository, 'commit', '--quiet', '-m', 'first')
  trust = git(repository, 'rev-parse', 'HEAD')
  head = trust
  git(root, 'clone', '--quiet', repository, proposal)
}, 60_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const act = (name: string, inputs: Record<string, string>, temp: string) =>
  runAction(
    fileURLToPath(new URL(`../../actions/${name}/main.ts`, import.meta.url)),
    { path: 'data/tiny', channel: 'production', ...inputs },
    { workspace: repository, temp, env: { GITHUB_SHA: trust } },
  )

const arms = join(root, 'arms')
async function trainArm(role: string, folder: string) {
  const temp = join(scratch, role)
  const run = await act('train', { role, seed: '0', folder }, temp)
  expect(run.exitCode, run.stdout).toBe(0)
  cpSync(run.outputs.folder as string, join(arms, `arm-${role}-0`), { recursive: true })
}
const judge = (temp: string) =>
  act('gate', { folder: proposal, arms, head, 'pull-request': '7', show: 'always' }, join(scratch, temp))
const evidenceIn = (folder: string) =>
  readdirSync(folder).map((name): Document => parseAnyEvidence(readFileSync(join(folder, name), 'utf8'), name))

test('a first model is trained, smoke trained, judged and released; then a proposal against it', async () => {
  const smoke = await act('smoke-train', { folder: proposal, head, 'pull-request': '7' }, join(scratch, 'smoke'))
  expect(smoke.outputs.verdict, smoke.stdout).toBe('pass')
  expect(readdirSync(smoke.outputs.evidence as string).sort()).toEqual(['run.json', 'smoke.json'])
  cpSync(smoke.outputs.evidence as string, join(arms, 'arm-smoke'), { recursive: true })
  await trainArm('champion', proposal)
  const first = await judge('first')
  expect([first.outputs.verdict, first.outputs.page], first.stdout).toEqual(['pass', ''])

  // Its release: manifest and channel on main, its files beside them.
  const champion = join(arms, 'arm-champion-0')
  const evidence = evidenceIn(first.outputs.evidence as string)
  const verdict = evidence.find(({ kind }) => kind === 'Verdict') as Document<'Verdict', VerdictBody>
  const file = (format: string, name: string) => {
    const bytes = readFileSync(join(champion, name))
    return { format, path: name, sha256: sha256(bytes), bytes: bytes.length, state: 'gated' }
  }
  const artifacts = [file('onnx', 'last.onnx'), file('pytorch', 'last.pt')]
  const manifest = releaseManifest.make(verdict.subject, {
    model: 'tiny',
    version: 'v1.0.0',
    dataset: { labels: verdict.subject.labels as string, images: null, commit: trust },
    tensors: verdict.subject.model as string,
    classes: ['red', 'blue'],
    preprocessing: { size: 64, channels: 'RGB', letterbox: 114, scale: 1 / 255 },
    postprocessing: { confidence: 0.25, iou: 0.7, maxDetections: 300, nms: 'one class a box' },
    artifacts,
    evidence: [{ kind: 'Verdict', id: documentId(verdict), path: 'verdict.json' }],
    verdict: 'pass',
  })
  const runs = { version: 'v1.0.0', manifest: documentId(manifest), artifact: artifacts[0]?.sha256 as string }
  write('channels/releases/tiny/v1.0.0.json', JSON.stringify(manifest))
  const body: typeof channel extends { make: (subject: never, body: infer B) => unknown } ? B : never = {
    channel: 'production',
    model: 'tiny',
    ...runs,
    history: [],
  }
  write('channels/production.yaml', JSON.stringify(body))
  for (const { path } of artifacts) {
    mkdirSync(join(repository, 'models/tiny/v1.0.0'), { recursive: true })
    cpSync(join(champion, path), join(repository, 'models/tiny/v1.0.0', path))
  }
  git(repository, 'add', '--all')
  git(repository, 'commit', '--quiet', '-m', 'release')
  trust = git(repository, 'rev-parse', 'HEAD')
  git(proposal, 'pull', '--quiet')
  rmSync(join(proposal, 'data/tiny/labels/train/p3.txt'))
  git(proposal, 'commit', '--quiet', '--all', '-m', 'one label less')
  head = git(proposal, 'rev-parse', 'HEAD')
  rmSync(champion, { recursive: true })

  await trainArm('candidate', proposal)
  await trainArm('control', '.')
  const second = await judge('second')
  expect(second.outputs.verdict, second.stdout).toBe('pass')
  expect(existsSync(join(second.outputs.candidate as string, 'predictions-champion.json'))).toBe(true)
  expect(readFileSync(second.outputs.page as string, 'utf8')).toContain(`data/tiny at ${head.slice(0, 12)}`)
  const found = evidenceIn(second.outputs.evidence as string)
  const count = (kind: string) => found.filter((one) => one.kind === kind).length
  expect(['Evaluation', 'Comparison', 'TrainRun', 'Smoke', 'Verdict', 'PullRun'].map(count)).toEqual([3, 2, 2, 1, 1, 1])
  const runBody = found.find(({ kind }) => kind === 'PullRun')?.body as { gpuSeconds: number }
  expect(runBody).toMatchObject({ family: 'model', pullRequest: 7, headSha: head, baseSha: trust, verdict: 'pass' })
  expect(runBody.gpuSeconds).toBeGreaterThan(0)

  // Report reaches the same verdict from the documents alone.
  const claimed = found.find(({ kind }) => kind === 'Verdict') as Document<'Verdict', VerdictBody>
  const again = gate({
    policy: { yaml: readFileSync(join(repository, 'gates/model.yaml'), 'utf8'), file: 'gates/model.yaml' },
    evidence: found.filter(({ kind }) => kind !== 'Verdict' && kind !== 'PullRun'),
    subject: claimed.subject,
    options: { today: new Date().toISOString().slice(0, 10), firstRelease: false },
  })
  expect(again.body).toEqual(claimed.body)

  // A policy that wants more scenes holds it; once somebody answers for this very verdict on the default branch, the same
  // arms, judged again without a training, pass.
  const commit = (path: string, text: string) => {
    write(path, text)
    git(repository, 'add', '--all')
    git(repository, 'commit', '--quiet', '-m', path)
    trust = git(repository, 'rev-parse', 'HEAD')
    git(proposal, 'fetch', '--quiet')
  }
  const policy = readFileSync(join(repository, 'gates/model.yaml'), 'utf8')
  commit('gates/model.yaml', policy.replace('minimumUnits: 3 }', 'minimumUnits: 300 }'))
  const held = await judge('held')
  expect([held.exitCode, held.outputs.verdict], held.stdout).toEqual([1, 'inconclusive'])
  const open = evidenceIn(held.outputs.evidence as string).find(({ kind }) => kind === 'Verdict') as Document
  const answer = { verdict: documentId(open), reason: 'seen by hand', owner: 'ada', expires: '2999-01-01' }
  commit(acceptancePath(answer.verdict), acceptanceText(answer))
  const accepted = await judge('accepted')
  expect([accepted.exitCode, accepted.outputs.verdict], accepted.stdout).toEqual([0, 'pass'])
  const told = evidenceIn(accepted.outputs.evidence as string).find(({ kind }) => kind === 'PullRun')?.body
  expect(told).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('Accepted by ada until 2999-01-01') })

  // Weights under another name than their record's are not judged.
  cpSync(join(arms, 'arm-control-0/last.pt'), join(arms, 'arm-candidate-0/last.pt'))
  const forged = await judge('forged')
  expect(forged.exitCode).toBe(1)
  expect(forged.stdout).toMatch(/last\.pt: these weights are not those of the record beside them/)
}, 400_000)

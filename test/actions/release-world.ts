import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { releasePolicy, rolloutPolicy, writeFirstRelease } from '../../scripts/story-github/first-model.ts'
import { type BeginAt, workflowText } from '../../scripts/story-github/world.ts'
import type { RunBook } from '../../src/adapters/local-forge/run-book.ts'
import { committedDigests } from '../../src/adapters/training-digests.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import type { Git } from '../../src/ports.ts'
import { type Cell, paint } from '../adapters/tiny-world.ts'
import { trainRunBody } from '../steps/train-run-body.ts'
import { runAction } from './run-action.ts'

type Role = 'champion' | 'candidate' | 'control'
const path = 'data/site'
const model = `name: model
gates:
  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.3 }
  - { gate: no-regression, evidence: Comparison, target: champion, margin: 0.5, minimumUnits: 3 }
  - { gate: no-harm, evidence: Comparison, target: control, margin: 0.5, minimumUnits: 3 }
`
const pipeline = `name: candidate
trainer: ultralytics
role: candidate
model: models/site.yaml
seed: 0
threads: 1
imageSize: 64
epochs: 1
`

/** Coloured cells of a picture, and its labels, by its name. */
async function example(name: string): Promise<{ labels: string; picture: Buffer }> {
  const random = seededRandom(name)
  const places = random.shuffle([...Array(64).keys()]).slice(0, 3)
  const cells: Cell[] = places.map((place) => ({
    column: place % 8,
    row: Math.floor(place / 8),
    colour: random.pick(['red', 'blue']),
  }))
  const rows = cells.map(
    ({ column, row, colour }) => `${colour === 'red' ? 0 : 1} ${(column + 0.5) / 8} ${(row + 0.5) / 8} 0.125 0.125\n`,
  )
  return { labels: rows.join(''), picture: await paint(cells) }
}

/** A further picture of the data set. */
export async function addPicture(write: BeginAt['write'], name: string): Promise<void> {
  const { labels, picture } = await example(name)
  write(`${path}/images/${name}.png`, picture)
  write(`${path}/labels/${name}.txt`, labels)
}

/**
 * What is on main: the Release workflow, gates, a data set of coloured cells, and v1.0.0 of a detector of them in
 * production, its files in DVC. `detectors` is a folder with detectors in ONNX, which no training has to make. Where it is
 * `attested`, nothing is promoted that Release did not sign.
 */
export const beginWith =
  (detectors: string, { attested = false } = {}) =>
  async (at: BeginAt) => {
    const { folder, repository, git, write } = at
    write('.github/workflows/release.yml', workflowText('release'))
    const files = {
      'gates/model.yaml': model,
      ...(attested ? { 'gates/release.yaml': releasePolicy } : {}),
      'gates/rollout.yaml': rolloutPolicy,
      'pipelines/candidate.yaml': pipeline,
    }
    for (const [file, text] of Object.entries(files)) write(file, text)
    write('pipelines/models/site.yaml', 'nc: 2\n')
    write(`${path}/data.yaml`, 'path: .\ntrain: images/train\nval: images/val\nnames: [red, blue]\n')
    for (const split of ['train', 'val']) {
      for (let i = 0; i < 6; i++) await addPicture(write, `${split}/${split}-${i}`)
    }
    const commit = (await git.commit('Base data', ['.'])) as string
    const arm = await trainedArm(
      { folder: join(folder, 'first'), repository, commit },
      'champion',
      join(detectors, 'champion.onnx'),
    )
    const first = { commit, arm, remote: join(folder, 'remote'), classes: ['red', 'blue'] }
    await writeFirstRelease(repository, first)
    await git.commit('Promote site v1.0.0 to production', ['.'])
  }

/** A folder as the train action leaves it, of a detector that was made otherwise: weights are a text. */
async function trainedArm(
  at: { folder: string; repository: string; commit: string },
  role: Role,
  detector: string,
): Promise<string> {
  const folder = join(at.folder, `arm-${role}-0`)
  mkdirSync(folder, { recursive: true })
  cpSync(detector, join(folder, 'last.onnx'))
  const weights = `weights of ${role} from ${at.commit}`
  writeFileSync(join(folder, 'last.pt'), weights)
  const digests = await committedDigests(at.repository, { head: at.commit, path, trust: at.commit })
  const tensors = sha256(`tensors of ${weights}`)
  const file = { role: 'last', path: 'last.pt', sha256: sha256(weights), bytes: weights.length }
  const run = trainRun.make({ ...digests, model: tensors }, { ...trainRunBody, role, tensors, files: [file] })
  writeFileSync(join(folder, 'train-run.json'), JSON.stringify(run))
  return folder
}

/**
 * A run of Train for a proposal, with what it left: candidate and control, judged by the real program of the gate action.
 * Without a control the gate that asks for one is open, and the run is held.
 */
export async function trainedRun(
  world: { git: Git; folder: string; runs: RunBook },
  { number, head, candidate, control }: { number: number; head: string; candidate: string; control: string | null },
): Promise<number> {
  const base = await world.git.resolve('main')
  const folder = join(world.folder, `train-${number}${control === null ? '-held' : ''}`)
  const workspace = join(folder, 'workspace')
  const checkout = (at: string, sha: string) => {
    execFileSync('git', ['clone', '--quiet', world.git.root, at])
    execFileSync('git', ['checkout', '--quiet', '--detach', sha], { cwd: at })
  }
  checkout(workspace, base)
  checkout(join(workspace, 'proposal'), head)
  const arms = { folder: join(folder, 'arms'), repository: world.git.root }
  await trainedArm({ ...arms, commit: head }, 'candidate', candidate)
  if (control !== null) await trainedArm({ ...arms, commit: base }, 'control', control)
  const inputs = {
    path,
    folder: 'proposal',
    arms: arms.folder,
    head,
    'pull-request': String(number),
    channel: 'production',
  }
  const program = fileURLToPath(new URL('../../actions/gate/main.ts', import.meta.url))
  const judged = await runAction(program, inputs, { workspace, temp: join(folder, 'temp'), env: { GITHUB_SHA: base } })
  if (judged.outputs.verdict !== (control === null ? 'inconclusive' : 'pass')) throw new Error(judged.stdout)
  const run = world.runs.start({
    attempt: 1,
    workflow: 'train.yml',
    name: 'Train',
    title: `Train #${number} at ${head}`,
    event: 'workflow_dispatch',
    actor: 'alice',
    headSha: base,
    headBranch: 'main',
    headRepository: 'acme/data',
  })
  const { evidence = '', candidate: kept = '' } = judged.outputs
  world.runs.keepArtifact(run.id, 'sluice-evidence', zipOf(evidence))
  world.runs.keepArtifact(run.id, 'sluice-candidate', zipOf(kept))
  world.runs.end(run.id, control === null ? 'failure' : 'success')
  return run.id
}

const zipOf = (folder: string) =>
  writeZip(readdirSync(folder).map((name) => ({ path: name, bytes: readFileSync(join(folder, name)) })))

import type { Dataset } from '../core/dataset/model.ts'
import type { Dvc, Forge, Git, Progress } from '../ports.ts'
import type { DemoTools, DemoWorld, Proposal } from './demo-tools.ts'

/** One story's places and ports. */
export type Workspace = {
  /** Folder of the story: workspace, runs, evidence, report. */
  root: string
  /** The user's repository inside it. */
  repository: string
  /** Folder of the data set, and the same relative to the repository. */
  data: string
  dataPath: string
  git: Git
  dvc: Dvc
  forge: Forge
  tools: DemoTools
  world: DemoWorld
}

const nouns = ['dataset-specs', 'pipelines', 'gates'] as const

// The default policy bakes each step for a minute; a story that somebody watches asks for the same evidence sooner.
const watchedRollout = `# How a released model takes traffic, in a demo: the default's evidence without its waiting.
name: rollout
rollout:
  shadow: { minimumRequests: 200, minimumSeconds: 2 }
  steps: [0.05, 0.25, 1]
  minimumRequests: 200
  minimumSeconds: 2
  alpha: 0.05
  margins: { lost: 0.15, failures: 0.02, latency: 1.5, flood: 0.25 }
`

/** Makes the repository: git, DVC with a local remote, the noun folders; safe to call again. */
export async function makeRepository({
  repository,
  root,
  git,
  dvc,
  tools,
  world,
}: Omit<Workspace, 'forge'>): Promise<string> {
  const { storage, home } = tools
  await git.init('main')
  await dvc.init()
  await dvc.addRemote('local', `${root}/remote`)
  for (const folder of nouns) {
    for (const file of storage.list(`${home}/${folder}`).filter((path) => !path.startsWith('python/'))) {
      if (folder === 'dataset-specs' && file === 'worksite.yaml' && world.source === 'own') continue
      storage.write(`${repository}/${folder}/${file}`, storage.read(`${home}/${folder}/${file}`))
    }
  }
  storage.write(`${repository}/gates/rollout.yaml`, watchedRollout)
  for (const [file, text] of Object.entries(world.declared ?? {})) storage.write(`${repository}/${file}`, text)
  storage.write(
    `${repository}/channels/README.md`,
    'What runs where: one file an environment, changed only by promotion pull requests.\n',
  )
  await git.commit('Start: specs, pipelines, gates, channels; DVC with a local remote', ['.'])
  return git.resolve('HEAD')
}

/** Tracks images and labels with DVC, everything else of the data set with git; returns the commit. */
export async function commitData(at: Workspace, message: string): Promise<string> {
  const { git, dvc, dataPath } = at
  const pointers = await dvc.add([`${dataPath}/images`, `${dataPath}/labels`])
  await git.commit(message, [dataPath, ...pointers])
  await dvc.push()
  return git.resolve('HEAD')
}

/** Puts the work tree on a commit or branch, its data with it. */
export async function standOn({ git, dvc }: Workspace, revision: string): Promise<void> {
  await git.checkout(revision)
  await dvc.checkout()
}

/** A proposal as a branch from a commit, with its data committed and a pull request opened; safe to call again. */
export async function openProposal(
  at: Workspace,
  input: { branch: string; from: string; proposal: Proposal; progress: Progress },
): Promise<{ number: number; head: string; planted: string[] }> {
  const { git, forge, tools, data } = at
  const { branch, from, proposal } = input
  const known = await forge.findPullRequest(branch)
  if (known) return { number: known.number, head: known.head.sha, planted: [] }
  await standOn(at, from)
  const existing = await git.resolve(`refs/heads/${branch}`).catch(() => null)
  if (existing === null) await git.branch(branch, from)
  await standOn(at, branch)
  // A branch that has moved on holds the whole proposal: it is committed in one go.
  const written = existing !== null && existing !== (await git.resolve(from))
  const planted = written ? [] : await proposal.write(data, input.progress)
  if (!written) await commitData(at, `${proposal.title}\n\n${proposal.about}`)
  const head = await git.resolve('HEAD')
  const opened = await forge.openPullRequest({
    title: proposal.title,
    body: proposal.about,
    head: branch,
    base: 'main',
  })
  tools.console.log(`  opened pull request ${opened.number} from ${branch}`)
  return { number: opened.number, head, planted }
}

/** Copies a data set's files aside, so that it can be trained on while the work tree stands elsewhere. */
export function copyAside({ tools, data }: Workspace, dataset: Dataset, folder: string): void {
  const { storage } = tools
  for (const { file, labelFile } of dataset.images) {
    for (const path of [file, labelFile]) {
      if (path && !storage.exists(`${folder}/${path}`) && storage.exists(`${data}/${path}`))
        storage.write(`${folder}/${path}`, storage.read(`${data}/${path}`))
    }
  }
}

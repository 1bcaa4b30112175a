import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { type LocalActionsOptions, startLocalActions } from '../../src/adapters/local-actions/local-actions.ts'
import { wholeWorkflow } from '../../src/core/render/released-workflow.ts'
import type { CheckConclusion, Git } from '../../src/ports.ts'
import { watchForge } from '../../test/github-description/watch-forge.ts'
import { recipes, trainFirstModel, writeFirstRelease } from './first-model.ts'
import { drawLabels, labelsFor } from './picture.ts'
import { sluiceSource, writeSluiceCommit } from './sluice-commit.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const zeros = '0'.repeat(40)
const people = { alice: 'write', carol: 'admin', mallory: 'read' }
export type Person = keyof typeof people
const tokenOf = (person: Person) => `ghp_${person}`

type Check = { id: number; name: string; conclusion: CheckConclusion; output: { title: string } }
type Comment = { id: number; body: string; user: { login: string } }

/** With a model: recipes and gates of one, and a first release of it in production. */
type WorldOptions = {
  model?: boolean
  /** Writes workflows, policies and code owners into the new repository; else those of sluice itself, at a commit. */
  setUp?: (repository: string) => Promise<unknown>
  /** Writes and commits all that is on main in its place. */
  begin?: (at: BeginAt) => Promise<unknown>
  /** Checks that main asks for. */
  required?: string[]
}
export type BeginAt = {
  folder: string
  repository: string
  git: Git
  write: (path: string, content: string | Uint8Array) => void
  image: (name: string, labels: string) => Promise<void>
}

/** The App, whose writes start workflows; its key is a secret of the environments that write. */
const app = { token: 'ghs_app-of-sluice', login: 'sluice-app[bot]' }
const appKey = { SLUICE_APP_PRIVATE_KEY: 'the-key-of-the-app-of-sluice' }

/**
 * A data repository with sluice's workflows and a sound data set on main, and a local GitHub around it whose events start
 * these workflows with act; gone when disposed. Alice may write, Carol owns what decides, Mallory has a fork.
 */
export async function githubWorld({
  model = false,
  setUp,
  begin = (at) => beginData(at, { model, setUp }),
  required = ['sluice / data set', ...(model ? ['sluice / model', 'sluice / promotion'] : [])],
  ...options
}: Partial<LocalActionsOptions> & WorldOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-github-'))
  const repository = join(folder, 'data')
  mkdirSync(repository)
  const git = createGit(repository, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), content)
  }
  const image = async (name: string, labels: string) => {
    write(`data/site/images/${name}.png`, await drawLabels(name, labels))
    write(`data/site/labels/${name}.txt`, labels)
  }
  await git.init('main')
  const sluice = join(folder, 'sluice')
  if (!setUp) await writeSluiceCommit(sluice)
  await begin({ folder, repository, git, write, image })

  const variables: Record<string, string> = {
    SLUICE_DATA_PATH: 'data/site',
    SLUICE_APP_CLIENT_ID: 'Iv1.of-sluice',
  }
  const watch = watchForge()
  const local = await startLocalActions({
    watch,
    root: repository,
    stateFile: join(folder, 'forge.json'),
    repository: 'acme/data',
    act: join(root, '.tools/bin/act'),
    logins: {
      ...Object.fromEntries((Object.keys(people) as Person[]).map((person) => [tokenOf(person), person])),
      [app.token]: app.login,
    },
    people,
    appToken: app.token,
    secrets: { release: appKey, production: appKey },
    variables,
    path: [join(root, 'node_modules/.bin')],
    ...options,
    local: setUp ? { ...options.local } : { [`${sluiceSource.repository}@${sluiceSource.commit}`]: sluice },
    env: { ...installedWith(), ...options.env },
  })
  const { forge } = local
  const api = async <T>(method: string, path: string, as: Person, body?: object) => {
    const response = await fetch(`${forge.url}/repos/acme/data${path}`, {
      method,
      headers: { authorization: `token ${tokenOf(as)}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    return { status: response.status, body: (text ? JSON.parse(text) : null) as T }
  }
  /** Commits what `change` writes to a branch, made at main when it is new, and pushes it; a fork's lies at its own ref. */
  const push = async (branch: string, message: string, change: () => Promise<void> | void, as: Person = 'alice') => {
    const fork = as === 'mallory'
    const ref = fork ? `refs/forks/${as}/${branch}` : `refs/heads/${branch}`
    const before = await git.resolve(branch).catch(() => null)
    if (before === null) await git.branch(branch, 'main')
    await git.checkout(branch)
    await change()
    const after = (await git.commit(message, ['.'])) as string
    await git.checkout('main')
    if (fork) execFileSync('git', ['update-ref', ref, after], { cwd: repository })
    await forge.pushed({ ref, before: before ?? zeros, after, actor: as })
    return after
  }
  const open = async (title: string, branch: string, as: Person = 'alice') => {
    const head = as === 'mallory' ? `${as}:${branch}` : branch
    const { number } = await createForge({
      apiUrl: forge.url,
      repository: 'acme/data',
      token: tokenOf(as),
      pauseMs: 5,
    }).openPullRequest({ title, body: '', head, base: 'main' })
    await local.idle()
    return number
  }
  await api('PUT', '/branches/main/protection', 'carol', {
    required_status_checks: { strict: false, contexts: required },
    ...{ enforce_admins: false, required_pull_request_reviews: null, restrictions: null },
  })
  return {
    folder,
    /** Variables of the repository; what is set later counts from the next run on. */
    variables,
    git,
    local,
    write,
    image,
    push,
    open,
    api,
    comment: async (number: number, body: string, as: Person) => {
      await api('POST', `/issues/${number}/comments`, as, { body })
      await local.idle()
    },
    /** Presses the button of the merge queue; why it is refused, else null. */
    enqueue: async (number: number) => {
      const refused = await forge.enqueue(number)
      await local.idle()
      return refused
    },
    approve: async (number: number, as: Person) =>
      (await api('POST', `/pulls/${number}/reviews`, as, { event: 'APPROVE' })).status,
    /** Checks of a commit, oldest first: the newest of a name counts. */
    checks: async (sha: string) =>
      (
        await api<{ check_runs: Check[] }>('GET', `/commits/${sha}/check-runs?filter=all`, 'alice')
      ).body.check_runs.sort((a, b) => a.id - b.id),
    /** Comments of the bot on a proposal. */
    comments: async (number: number) =>
      (await api<Comment[]>('GET', `/issues/${number}/comments`, 'alice')).body.filter(
        ({ user }) => user.login === 'github-actions[bot]',
      ),
    runs: () => local.done.map(({ run, conclusion }) => `${run.name} ${run.event} ${conclusion}`),
    [Symbol.asyncDispose]: async () => {
      await local.close()
      rmSync(folder, { recursive: true, force: true })
      watch.verify()
    },
  }
}

/** Workflows, policies, a sound data set and, with a model, its recipes and its first release. */
async function beginData(
  { folder, repository, git, write, image }: BeginAt,
  { model, setUp }: Pick<WorldOptions, 'model' | 'setUp'>,
): Promise<void> {
  if (setUp) await setUp(repository)
  else {
    for (const name of [
      'dataset-pr',
      'report',
      'commands',
      'propose',
      ...(model ? ['train', 'supersede', 'release', 'promotion-pr'] : []),
    ]) {
      write(`.github/workflows/${name}.yml`, workflowText(name))
    }
    write('gates/dataset.yaml', readFileSync(join(root, 'gates/dataset.yaml'), 'utf8'))
    write('.github/CODEOWNERS', '/.github/ @carol\n/gates/ @carol\n/actions/ @carol\n')
  }
  write('data/site/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames:\n  0: person\n  1: helmet\n')
  for (const [split, count] of [
    ['train', model ? 8 : 3],
    ['val', model ? 4 : 3],
  ] as const) {
    for (let i = 0; i < count; i++) await image(`${split}/${split}-${i}`, labelsFor(`${split}-${i}`))
  }
  if (model) for (const [path, text] of Object.entries(recipes())) write(path, text)
  const first = await git.commit('Base data', ['.'])
  if (!model) return
  const arm = await trainFirstModel(repository, first as string, join(folder, 'first'))
  await writeFirstRelease(repository, { commit: first as string, arm, remote: join(folder, 'remote') })
  await git.commit('Promote site v1.0.0 to production', ['.'])
}

/** A workflow as a repository has it that took it whole. */
export const workflowText = (name: string) =>
  wholeWorkflow(readFileSync(join(root, `.github/workflows/${name}.yml`), 'utf8'), sluiceSource, 'data/site')

/** What this installation was set up with, so that a step which sets it up again finds it done. */
function installedWith(): Record<string, string> {
  const { SLUICE_PYTHON = 'python3', SLUICE_TORCH = 'default' } = process.env
  const python = execFileSync(SLUICE_PYTHON, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
  return { SLUICE_PYTHON: python, SLUICE_TORCH }
}
export type GithubWorld = Awaited<ReturnType<typeof githubWorld>>

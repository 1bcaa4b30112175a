import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { type LocalActionsOptions, startLocalActions } from '../../src/adapters/local-actions/local-actions.ts'
import type { CheckConclusion } from '../../src/ports.ts'
import { buildAction } from '../build-actions.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const zeros = '0'.repeat(40)
const people = { alice: 'write', carol: 'admin', mallory: 'read' }
export type Person = keyof typeof people
const tokenOf = (person: Person) => `ghp_${person}`

type Check = { id: number; name: string; conclusion: CheckConclusion; output: { title: string } }
type Comment = { id: number; body: string; user: { login: string } }

/** Writes workflows, policies and code owners into the new repository; else those of sluice itself, with its actions. */
type Setup = { setUp?: (repository: string) => Promise<unknown> }

async function develop(repository: string): Promise<void> {
  const actions = ['dataset-qa', 'report', 'commands']
  const workflows = ['dataset-pr', 'report', 'commands'].map((name) => `.github/workflows/${name}.yml`)
  for (const path of [...workflows, ...actions.map((name) => `actions/${name}/action.yml`), 'gates/dataset.yaml']) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    cpSync(join(root, path), join(repository, path))
  }
  for (const name of actions) await buildAction(name, join(repository, 'dist'))
  writeFileSync(join(repository, '.github/CODEOWNERS'), '/.github/ @carol\n/gates/ @carol\n/actions/ @carol\n')
}

/**
 * A data repository with sluice's workflows and a sound data set on main, and a local GitHub around it whose events start
 * these workflows with act; gone when disposed. Alice may write, Carol owns what decides, Mallory has a fork.
 */
export async function githubWorld({ setUp = develop, ...options }: Partial<LocalActionsOptions> & Setup = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-github-'))
  const repository = join(folder, 'data')
  mkdirSync(repository)
  const git = createGit(repository, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), content)
  }
  let shade = 0
  const image = async (name: string, labels: string) => {
    shade += 17
    const background = { r: shade % 256, g: 255 - (shade % 256), b: (shade * 7) % 256 }
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background } })
    write(`data/site/images/${name}.png`, await picture.png().toBuffer())
    write(`data/site/labels/${name}.txt`, labels)
  }
  await git.init('main')
  await setUp(repository)
  write('data/site/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames:\n  0: person\n  1: helmet\n')
  for (const split of ['train', 'val']) {
    for (let i = 0; i < 3; i++) await image(`${split}/${split}-${i}`, `0 0.5 0.5 0.4 0.6\n1 0.5 0.${3 + i} 0.2 0.2\n`)
  }
  await git.commit('Base data', ['.'])

  const local = await startLocalActions({
    root: repository,
    stateFile: join(folder, 'forge.json'),
    repository: 'acme/data',
    act: join(root, '.tools/bin/act'),
    logins: Object.fromEntries((Object.keys(people) as Person[]).map((person) => [tokenOf(person), person])),
    people,
    variables: { SLUICE_DATA_PATH: 'data/site' },
    path: [join(root, 'node_modules/.bin')],
    ...options,
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
  return {
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
    },
  }
}
export type GithubWorld = Awaited<ReturnType<typeof githubWorld>>

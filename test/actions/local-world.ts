import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createGit } from '../../src/adapters/git.ts'
import { type LocalActionsOptions, startLocalActions } from '../../src/adapters/local-actions/local-actions.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { tool } from './act.ts'

const users = { ghu_alice: 'alice', ghu_bob: 'bob', ghs_app: 'sluice-app[bot]' }
const zeros = '0'.repeat(40)

/** A repository with these files on main, its forge, and Actions that start its workflows; gone when disposed. */
export async function localWorld(files: Record<string, string>, options: Partial<LocalActionsOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-local-'))
  const root = join(folder, 'data')
  mkdirSync(root)
  const git = createGit(root, { date: '2026-11-22T10:00:00Z' })
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  await git.init('main')
  for (const [path, content] of Object.entries(files)) write(path, content)
  await git.commit('Base', ['.'])
  const watch = watchForge()
  const actions = await startLocalActions({
    watch,
    root,
    stateFile: join(folder, 'forge.json'),
    repository: 'acme/data',
    act: tool('act'),
    logins: users,
    people: { alice: 'write', bob: 'admin' },
    appToken: 'ghs_app',
    ...options,
  })
  const { forge } = actions
  const call = async <T>(method: string, path: string, body?: object, token = 'ghu_alice') => {
    const response = await fetch(`${forge.url}/repos/acme/data${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await response.text()
    return { status: response.status, body: (text ? JSON.parse(text) : null) as T }
  }
  /** Commits files to a branch, made at main when it is new, and tells the forge of the push. */
  const push = async (branch: string, changes: Record<string, string>, actor = 'alice') => {
    const at = await git.resolve(branch).catch(() => null)
    if (!at) await git.branch(branch, 'main')
    await git.checkout(branch)
    for (const [path, content] of Object.entries(changes)) write(path, content)
    const after = (await git.commit(`Change ${branch}`, Object.keys(changes))) as string
    await git.checkout('main')
    await forge.pushed({ ref: `refs/heads/${branch}`, before: at ?? zeros, after, actor })
    return after
  }
  const plain = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const runs = () => actions.done.map(({ run, conclusion }) => `${run.name} ${run.event} ${conclusion}`)
  const close = async () => {
    await actions.close()
    rmSync(folder, { recursive: true, force: true })
    watch.verify()
  }
  return { folder, root, git, plain, actions, forge, call, push, runs, [Symbol.asyncDispose]: close }
}

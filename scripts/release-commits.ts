import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { repositoryAt } from '../src/adapters/local-forge/repository.ts'
import { ToolError } from '../src/core/errors.ts'
import { releasedWorkflow } from '../src/core/render/released-workflow.ts'
import type { SluiceSource } from '../src/core/render/starter-workflows.ts'
import { buildAction, bundledActions } from './build-actions.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const workflows = '.github/workflows/'
const parts = ['main.mjs', 'licenses.txt']
type Bundle = { name: string; files: Buffer[] }

/**
 * The two commits of a release on top of `from`: A carries the built actions, B workflows that name them at A. Nothing in
 * them depends on when or by whom they are made, so the same source gives the same commits.
 */
export async function releaseCommits(from: string, { repository, version }: Omit<SluiceSource, 'commit'>) {
  const git = repositoryAt(root)
  const { date } = (await git.readCommit(from)).committer
  const person = { name: 'sluice release', email: 'release@localhost', date }
  const signed = { author: person, committer: person }
  const commit = async (parent: string, files: Record<string, string | Buffer>, message: string) => {
    const entries = await Promise.all(
      Object.entries(files).map(async ([path, content]) => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        return { path, mode: '100644', sha: await git.makeBlob(bytes) }
      }),
    )
    const tree = await git.makeTree(parent, entries)
    if (tree === null) throw new ToolError('git made no tree of the release', { mend: 'look at git fsck' })
    return git.commitTree(tree, [parent], message, signed)
  }
  const built = await builtActions()
  const bundles = Object.fromEntries(
    built.flatMap(({ name, files }) => files.map((bytes, i) => [`dist/${name}/${parts[i]}`, bytes])),
  )
  const actions = await commit(from, bundles, `sluice ${version}: built actions\n`)
  const { stdout } = await execa('git', ['ls-tree', '--name-only', '-z', from, workflows], { cwd: root })
  const files = stdout.split('\0').filter((path) => /\.ya?ml$/.test(path))
  const source = { repository, version, commit: actions }
  const released = files.map((path) => [path, releasedWorkflow(readFileSync(join(root, path), 'utf8'), source)])
  const message = `sluice ${version}\n\nWorkflows use the actions of ${actions}.\n`
  return { actions, release: await commit(actions, Object.fromEntries(released), message) }
}

/** Every bundle, built twice with the same bytes, and started once where nothing is installed. */
async function builtActions(): Promise<Bundle[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-release-'))
  try {
    const built: Bundle[] = []
    for (const name of bundledActions()) {
      const build = async (attempt: string) => {
        await buildAction(name, join(folder, attempt))
        return parts.map((part) => readFileSync(join(folder, attempt, name, part)))
      }
      const [first, second] = [await build('first'), await build('second')]
      if (!Buffer.concat(first).equals(Buffer.concat(second))) {
        throw new ToolError(`two builds of the action ${name} differ`, { command: 'rolldown', mend: 'find out why' })
      }
      await startAlone(name, join(folder, 'first', name, 'main.mjs'))
      built.push({ name, files: first })
    }
    return built
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A bundle that starts says as an action what input it lacks; one that needs what is not in it ends before. */
export async function startAlone(name: string, file: string): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', HOME: tmpdir() }
  const { stdout, stderr } = await execa(process.execPath, [file], {
    cwd: tmpdir(),
    env,
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  })
  if (/^::error::/m.test(stdout)) return
  throw new ToolError(`the built action ${name} does not start`, {
    command: `node dist/${name}/main.mjs`,
    tail: `${stdout}\n${stderr}`.trim().split('\n').slice(-10).join('\n'),
    mend: 'a module that it imports is not in the bundle: import it where it is called, or not at all',
  })
}

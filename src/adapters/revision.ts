import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, gitIn } from './git-run.ts'

/** The files of a revision in a folder of their own, gone when disposed; the checkout of `root` is not touched. */
export async function folderAt(root: string, commit: string): Promise<{ path: string } & AsyncDisposable> {
  const git = gitIn(root, {})
  const parent = mkdtempSync(join(tmpdir(), 'sluice-revision-'))
  const path = join(parent, 'tree')
  const dispose = async () => {
    await git.raw(['worktree', 'remove', '--force', path]).catch(() => {})
    rmSync(parent, { recursive: true, force: true })
    await git.raw(['worktree', 'prune']).catch(() => {})
  }
  try {
    await attempt(git, ['worktree', 'add', '--quiet', '--detach', path, commit])
  } catch (error) {
    await dispose()
    throw error
  }
  return { path, [Symbol.asyncDispose]: dispose }
}

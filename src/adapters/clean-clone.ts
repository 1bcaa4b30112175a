import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Git } from '../ports.ts'
import { createGit } from './git.ts'
import { attempt, gitIn } from './git-run.ts'

/**
 * A clone in a new folder that has these commits, what came before them, and the tags: nothing of the work tree, of what
 * is staged, or of the repository's settings. Objects come through a pack, so that git hashes each of them again.
 */
export async function cleanClone(root: string, commits: readonly string[]): Promise<{ git: Git; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-clone-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const from = (await attempt(gitIn(root, {}), ['rev-parse', '--show-toplevel'])).trim()
    const git = createGit(folder)
    await git.init('main')
    const wanted = [...new Set(commits), '+refs/tags/*:refs/tags/*']
    await attempt(gitIn(folder, {}), ['fetch', '--quiet', '--no-auto-gc', from, ...wanted])
    return { git, remove }
  } catch (error) {
    remove()
    throw error
  }
}

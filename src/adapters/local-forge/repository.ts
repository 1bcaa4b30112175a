import { ExecaError, execa } from 'execa'
import { ToolError } from '../../core/errors.ts'
import { gitEnvironment } from '../git-environment.ts'

/** What the forge needs of the git repository behind it, bare or not. */
export type Repository = ReturnType<typeof repositoryAt>

const settings = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false', '-c', 'commit.gpgSign=false']

/** git plumbing in a folder: nothing here changes the user's checkout but a clean one of the merged branch. */
export function repositoryAt(root: string) {
  const env = { ...gitEnvironment(), ...identity }
  const git = async (args: string[], options: { input?: string; cwd?: string; date?: string } = {}) => {
    const dated = options.date ? { GIT_AUTHOR_DATE: options.date, GIT_COMMITTER_DATE: options.date } : {}
    const { stdout } = await execa('git', [...settings, ...args], {
      cwd: options.cwd ?? root,
      env: { ...env, ...dated },
      extendEnv: false,
      input: options.input ?? '',
      stripFinalNewline: false,
    })
    return stdout
  }
  /** Output, or null when git says no (exit code 1 or 128). */
  const ask = async (args: string[]): Promise<string | null> => {
    try {
      return (await git(args)).trim()
    } catch (error) {
      if (error instanceof ExecaError && error.exitCode !== undefined) return null
      throw new ToolError('git did not start', { command: 'git', mend: 'install git', cause: error })
    }
  }
  const commitOf = (revision: string) =>
    ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])

  return {
    commitOf,
    branchOf: (name: string) => commitOf(`refs/heads/${name}`),
    objectOf: (ref: string) => ask(['rev-parse', '--verify', '--quiet', '--end-of-options', ref]),
    typeOf: (sha: string) => ask(['cat-file', '-t', sha]),
    symbolicHead: () => ask(['symbolic-ref', '--short', 'HEAD']),
    mergeBase: (a: string, b: string) => ask(['merge-base', a, b]),
    /** Names, states and line counts of the files between two commits. */
    files: async (from: string, to: string) => {
      const rows = (await git(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to])).split('\0')
      const counts = (await git(['diff-tree', '-r', '-z', '--numstat', '--no-renames', from, to])).split('\0')
      return counts.filter(Boolean).map((row, i) => {
        const [added = '0', deleted = '0', path = ''] = row.split('\t')
        const [, , , sha = '', letter = 'M'] = (rows[2 * i] ?? '').split(' ')
        const status = letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified'
        return { path, sha, status, additions: Number(added) || 0, deletions: Number(deleted) || 0 } as const
      })
    },
    /** Tree of the merge of two commits without a work tree; null when they conflict. */
    mergeTree: async (base: string, head: string) =>
      (await ask(['merge-tree', '--write-tree', base, head]))?.split('\n')[0] ?? null,
    commitTree: async (tree: string, parents: string[], message: string, date: string) => {
      const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-']
      return (await git(args, { input: message, date })).trim()
    },
    /** An annotated tag object that no ref names yet. */
    makeTag: async (tag: { name: string; object: string; type: string; message: string; tagger: string }) => {
      const head = `object ${tag.object}\ntype ${tag.type}\ntag ${tag.name}\ntagger ${tag.tagger}\n\n`
      return (await git(['mktag'], { input: `${head}${tag.message}\n` })).trim()
    },
    createRef: (ref: string, sha: string) => ask(['update-ref', ref, sha, '0'.repeat(40)]),
    validRef: async (ref: string) => (await ask(['check-ref-format', ref])) !== null,
    refs: async (prefix: string) => {
      const rows = await git(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])
      const split = rows.split('\n').map((row) => row.split(' ') as [string, string, string])
      return split.filter(([name]) => name.startsWith(prefix))
    },
    readTag: async (sha: string) => ask(['cat-file', 'tag', sha]),
    /**
     * Moves a branch from one commit to the next, only if it still is where it was. Where a work tree has the branch
     * checked out and clean, its files follow (as with receive.denyCurrentBranch=updateInstead); a changed one refuses.
     */
    advance: async (branch: string, from: string, to: string): Promise<'done' | 'moved' | 'work tree changed'> => {
      const folders = (await git(['worktree', 'list', '--porcelain'])).split('\n\n')
      const held = folders.find((entry) => entry.split('\n').includes(`branch refs/heads/${branch}`))
      const folder = held && /^worktree (.+)$/m.exec(held)?.[1]
      if (folder) {
        const status = await git(['status', '--porcelain', '--untracked-files=no'], { cwd: folder })
        if (status.trim() !== '') return 'work tree changed'
        if ((await ask(['-C', folder, 'read-tree', '-m', '-u', from, to])) === null) return 'work tree changed'
      }
      return (await ask(['update-ref', `refs/heads/${branch}`, to, from])) === null ? 'moved' : 'done'
    },
  }
}

const identity = {
  GIT_AUTHOR_NAME: 'sluice local forge',
  GIT_AUTHOR_EMAIL: 'forge@localhost',
  GIT_COMMITTER_NAME: 'sluice local forge',
  GIT_COMMITTER_EMAIL: 'forge@localhost',
}

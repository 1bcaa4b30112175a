import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExecaError, execa } from 'execa'
import { ToolError } from '../../core/errors.ts'
import { gitEnvironment } from '../git-environment.ts'

/** What the forge needs of the git repository behind it, bare or not. */
export type Repository = ReturnType<typeof repositoryAt>
export type TreeEntry = { path: string; mode: string; sha: string | null }
type Person = { name: string; email: string; date: string }
export type Signed = { author: Person; committer: Person }

const settings = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false', '-c', 'commit.gpgSign=false']

/** git plumbing in a folder: nothing here changes the user's checkout but a clean one of the merged branch. */
export function repositoryAt(root: string) {
  const env = { ...gitEnvironment(), ...identity }
  const git = async (
    args: string[],
    options: { input?: string | Uint8Array; cwd?: string; more?: Record<string, string> } = {},
  ) => {
    const { stdout } = await execa('git', [...settings, ...args], {
      cwd: options.cwd ?? root,
      env: { ...env, ...options.more },
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
  const readBytes = async (args: string[]): Promise<Uint8Array> =>
    (await execa('git', args, { cwd: root, env, extendEnv: false, encoding: 'buffer', stripFinalNewline: false }))
      .stdout
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
    commitTree: async (tree: string, parents: string[], message: string, signed: Signed) => {
      const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-']
      return (await git(args, { input: message, more: asEnvironment(signed) })).trim()
    },
    readCommit: async (sha: string) => parseCommit(await git(['cat-file', 'commit', sha])),
    makeBlob: async (content: Uint8Array) => (await git(['hash-object', '-w', '--stdin'], { input: content })).trim(),
    /** A tree with the entries changed; null when one is to go that is not there, or a file would be a folder too. */
    makeTree: async (base: string | null, entries: readonly TreeEntry[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-index-'))
      const more = { GIT_INDEX_FILE: join(folder, 'index') }
      try {
        if (base !== null) await git(['read-tree', base], { more })
        const held = new Set((await git(['ls-files', '-z'], { more })).split('\0'))
        if (entries.some(({ path, sha }) => sha === null && !held.has(path))) return null
        const lines = entries.map(({ path, mode, sha }) =>
          sha === null ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${sha}\t${path}`,
        )
        await git(['update-index', '-z', '--index-info'], { input: lines.map((line) => `${line}\0`).join(''), more })
        return (await git(['write-tree'], { more })).trim()
      } catch (error) {
        if (error instanceof ExecaError) return null
        throw error
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    /** An annotated tag object that no ref names yet. */
    makeTag: async (tag: { name: string; object: string; type: string; message: string; tagger: string }) => {
      const head = `object ${tag.object}\ntype ${tag.type}\ntag ${tag.name}\ntagger ${tag.tagger}\n\n`
      return (await git(['mktag'], { input: `${head}${tag.message}\n` })).trim()
    },
    deleteRef: (ref: string) => ask(['update-ref', '-d', ref]),
    createRef: (ref: string, sha: string) => ask(['update-ref', ref, sha, '0'.repeat(40)]),
    validRef: async (ref: string) => (await ask(['check-ref-format', ref])) !== null,
    refs: async (prefix: string) => {
      const rows = await git(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'])
      const split = rows.split('\n').map((row) => row.split(' ') as [string, string, string])
      return split.filter(([name]) => name.startsWith(prefix))
    },
    /** Content of a blob; null when it is none. */
    readBlob: async (sha: string): Promise<Uint8Array | null> =>
      (await ask(['cat-file', '-t', sha])) === 'blob' ? readBytes(['cat-file', 'blob', sha]) : null,
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

const forge = { name: 'sluice local forge', email: 'forge@localhost' }
const identity = {
  GIT_AUTHOR_NAME: forge.name,
  GIT_AUTHOR_EMAIL: forge.email,
  GIT_COMMITTER_NAME: forge.name,
  GIT_COMMITTER_EMAIL: forge.email,
}

/** What the forge itself signs. */
export const byForge = (date: string): Signed => ({ author: { ...forge, date }, committer: { ...forge, date } })

const asEnvironment = ({ author, committer }: Signed): Record<string, string> => ({
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_AUTHOR_DATE: `${Math.floor(Date.parse(author.date) / 1000)} +0000`,
  GIT_COMMITTER_NAME: committer.name,
  GIT_COMMITTER_EMAIL: committer.email,
  GIT_COMMITTER_DATE: `${Math.floor(Date.parse(committer.date) / 1000)} +0000`,
})

/** A commit at once, for those who cannot wait; null when it is not there. */
export function readCommitNow(root: string, sha: string): ReturnType<typeof parseCommit> | null {
  const { status, stdout } = spawnSync('git', ['cat-file', 'commit', sha], {
    cwd: root,
    env: gitEnvironment(),
    encoding: 'utf8',
  })
  return status === 0 ? parseCommit(stdout) : null
}

/** Parts of a commit object. */
export function parseCommit(text: string) {
  const end = text.indexOf('\n\n')
  const lines = text.slice(0, end).split('\n')
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
  const person = (line = ''): Person => {
    const [, name = '', email = '', time = '0'] = /^(.*) <(.*)> (\d+) /.exec(line) ?? []
    return { name, email, date: new Date(Number(time) * 1000).toISOString().replace('.000', '') }
  }
  return {
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: person(all('author')[0]),
    committer: person(all('committer')[0]),
    message: text.slice(end + 2),
  }
}

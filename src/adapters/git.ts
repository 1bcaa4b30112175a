import { ToolError, UsageError } from '../core/errors.ts'
import type { Git } from '../ports.ts'
import { failpoint } from './failpoints.ts'
import { failed, messageOf } from './git-environment.ts'
import { attempt, type GitOptions, gitIn, refName, seconds } from './git-run.ts'

/** The `Git` port on a real work tree; hooks, signing, line-ending changes and prompts of the user's set-up stay out. */
export function createGit(root: string, options: GitOptions = {}): Git {
  const git = gitIn(root, options)
  const run = (args: string[]) => attempt(git, args)
  const resolve = async (revision: string): Promise<string> => {
    // "--end-of-options" keeps a revision that starts with a dash from being read as an option.
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
    try {
      return (await git.raw(args)).trim()
    } catch (cause) {
      if (/not a git repository/i.test(messageOf(cause))) throw failed(args, cause)
      throw new UsageError(`${JSON.stringify(revision)} names no commit`, {
        where: root,
        mend: 'give a branch, a tag or a commit of this repository; in a shallow clone fetch more history first',
        cause,
      })
    }
  }
  const mergeBases = async (a: string, b: string): Promise<string[]> => {
    const args = ['merge-base', '--all', await resolve(a), await resolve(b)]
    try {
      const found = (await git.raw(args)).split('\n').filter(Boolean)
      if (found.length > 0) return found
    } catch (cause) {
      if (messageOf(cause).trim() !== '') throw failed(args, cause)
    }
    throw new UsageError(`${a} and ${b} have no common history`, {
      where: root,
      mend: 'in a shallow clone fetch more history (fetch-depth: 0)',
    })
  }
  const currentBranch = async () => (await run(['rev-parse', '--abbrev-ref', 'HEAD'])).trim()

  return {
    root,
    resolve,
    date: async (revision) => {
      const seconds = await run(['show', '--no-patch', '--format=%ct', await resolve(revision)])
      return dateOf(Number(seconds.trim()))
    },
    currentBranch,
    discardChanges: async () => {
      // Before the first commit there is nothing to go back to.
      if ((await run(['for-each-ref', '--count=1', 'refs/heads'])).trim() === '') return
      await run(['reset', '--quiet', '--hard', 'HEAD'])
      await run(['clean', '--quiet', '-d', '--force'])
    },
    init: async (branch) => void (await run(['init', '--quiet', '--template=', `--initial-branch=${refName(branch)}`])),
    commit: async (message, paths) => {
      if (paths.length > 0) await run(['add', '--', ...paths])
      const staged = (await run(['diff', '--cached', '--name-only', '--no-ext-diff'])).trim()
      if (staged === '') return null
      await failpoint('git.commit.before')
      await run(['commit', '--quiet', '--no-verify', '--cleanup=verbatim', '-m', message])
      await failpoint('git.commit.after')
      return resolve('HEAD')
    },
    branch: async (name, from) => {
      const args = ['branch', '--no-track', refName(name), await resolve(from)]
      await failpoint('git.branch.before')
      await run(args)
      await failpoint('git.branch.after')
    },
    remoteBranches: async (prefix) => {
      const names = await run(['for-each-ref', '--format=%(refname:strip=3)', 'refs/remotes/origin'])
      return names.split('\n').filter((name) => name !== '' && name !== 'HEAD' && name.startsWith(prefix))
    },
    checkout: async (revision) => {
      // A branch by its name, anything else detached at its commit: never a path, never a guess.
      const named = await run(['for-each-ref', '--format=%(refname)', `refs/heads/${refName(revision)}`])
      const branch = named.split('\n').includes(`refs/heads/${revision}`)
      await run(['switch', '--quiet', ...(branch ? [revision] : ['--detach', await resolve(revision)])])
    },
    merge: async (branch, message) => {
      const commit = await resolve(branch)
      try {
        await git.raw(['merge', '--no-ff', '--no-verify', '--no-edit', '--cleanup=verbatim', '-m', message, commit])
      } catch (cause) {
        const conflicts = (await run(['diff', '--name-only', '--diff-filter=U', '--no-ext-diff'])).split('\n')
        await git.raw(['merge', '--abort']).catch(() => {})
        const files = conflicts.filter(Boolean)
        if (files.length === 0) throw failed(['merge', branch], cause)
        throw new ToolError(`${branch} does not merge: conflicts in ${files.join(', ')}`, {
          command: `git merge ${branch}`,
          mend: 'bring the branch up to date with its base and settle the conflicts there',
          cause,
        })
      }
      return resolve('HEAD')
    },
    mergeBase: async (a, b) => (await mergeBases(a, b))[0] as string,
    mergeBases,
    isOnLine: async (revision, commit) =>
      (await run(['rev-list', '--first-parent', await resolve(revision), '--'])).split('\n').includes(commit),
    show: async (revision, path) => {
      const object = `${await resolve(revision)}:${path}`
      const kind = await git.raw(['cat-file', '-t', object]).catch(() => '')
      return kind.trim() === 'blob' ? new Uint8Array(await git.binaryCatFile(['blob', object])) : null
    },
    changedFiles: async (from, to) => {
      const range = [await resolve(from), await resolve(to)]
      return lines(await run(['diff-tree', '-r', '-z', '--name-only', '--no-renames', ...range]))
    },
    list: async (revision, folder) =>
      lines(
        await run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', await resolve(revision), '--', `${folder}/`]),
      ),
    tag: async (name, revision, message, date) => {
      const commit = await resolve(revision)
      const wanted = { commit, message: message.trim(), date: String(seconds(date)) }
      const held = await readTag(run, name)
      if (held && held.commit === wanted.commit && held.message === wanted.message && held.date === wanted.date) return
      if (held) {
        throw new ToolError(`the tag ${name} exists and says something else`, {
          command: `git tag ${name}`,
          mend: 'a tag is never moved: take the next version',
        })
      }
      const dated = gitIn(root, { ...options, date })
      await failpoint('git.tag.before')
      await attempt(dated, ['tag', '--annotate', '--cleanup=verbatim', '-m', wanted.message, refName(name), commit])
      await failpoint('git.tag.after')
    },
    tags: async (pattern) => {
      const format = '%(refname:strip=2)%00%(*objectname)%00%(contents)%00%(taggerdate:unix)%00%01'
      const found = await run(['for-each-ref', `--format=${format}`, 'refs/tags'])
      const matches = globOf(pattern)
      // Lightweight tags carry no evidence and no tagger: they have no peeled object and are left out.
      return found
        .split('\u0001')
        .map((record) => record.replace(/^\n/, '').split('\0'))
        .filter(([name, commit]) => Boolean(commit) && matches.test(name as string))
        .map(([name = '', commit = '', message = '', date]) => {
          return { name, commit, message: message.trim(), date: dateOf(Number(date)) }
        })
    },
  }
}

const dateOf = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

async function readTag(run: (args: string[]) => Promise<string>, name: string) {
  const format = '%(*objectname)%00%(contents)%00%(taggerdate:unix)%00%(refname:strip=2)'
  const [commit = '', message = '', date = '', found] = (
    await run(['for-each-ref', `--format=${format}`, `refs/tags/${refName(name)}`])
  ).split('\0')
  return found?.trim() === name ? { commit, message: message.trim(), date } : null
}

/** A tag pattern of git: * and ? only, * also crosses a slash. */
function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

const lines = (output: string) => output.split('\0').filter(Boolean)

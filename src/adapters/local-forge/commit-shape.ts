import type { components } from '@octokit/openapi-types'
import type { Context } from './http.ts'

const person = ({ name, email }: { name: string; email: string }) => ({ name, email })

/** A commit in short, as runs, pushes and merge groups name their newest. */
export async function shortCommit(sha: string, { git }: Pick<Context, 'git'>) {
  return shortOf(sha, await git.readCommit(sha))
}

type Commit = Awaited<ReturnType<Context['git']['readCommit']>>

export function shortOf(sha: string, { tree, message, author, committer }: Commit) {
  return {
    id: sha,
    tree_id: tree,
    message: message.trimEnd(),
    timestamp: committer.date,
    author: person(author),
    committer: person(committer),
  } satisfies components['schemas']['simple-commit']
}

/** A commit as the git data interface shows it. */
export async function gitCommit(sha: string, context: Context) {
  const { git, repo, page } = context
  const { tree, parents, message, author, committer } = await git.readCommit(sha)
  const url = (id: string) => ({ sha: id, url: `${repo}/git/commits/${id}`, html_url: `${page}/commit/${id}` })
  return {
    ...url(sha),
    node_id: Buffer.from(sha).toString('base64'),
    tree: { sha: tree, url: `${repo}/git/trees/${tree}` },
    parents: parents.map(url),
    message,
    author,
    committer,
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  } satisfies components['schemas']['git-commit']
}

/** A commit as a branch shows its newest. */
export async function branchCommit(sha: string, context: Context): Promise<components['schemas']['commit']> {
  const { repo, page } = context
  const { tree, parents, message, author, committer, verification } = await gitCommit(sha, context)
  const url = (id: string) => ({ sha: id, url: `${repo}/commits/${id}`, html_url: `${page}/commit/${id}` })
  return {
    ...url(sha),
    node_id: Buffer.from(sha).toString('base64'),
    comments_url: `${repo}/commits/${sha}/comments`,
    commit: { url: `${repo}/git/commits/${sha}`, author, committer, message, comment_count: 0, tree, verification },
    // Nobody here has said which addresses are theirs.
    author: null,
    committer: null,
    parents: parents.map(({ sha: parent }) => url(parent)),
  }
}

import { canonicalJson, sha256 } from '../../core/documents/define.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { Forge, PullRequest } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'
import { refOf } from './tag.ts'

type Change = Parameters<Forge['proposeChange']>[0]
type Pulls = { fromBranch: (branch: string) => Promise<PullRequest | null>; open: Forge['openPullRequest'] }
export const author = { name: 'sluice', email: 'sluice@localhost' }

/**
 * Branch, commit and pull request by the git data interface, without a work tree. The branch is named by the content, so
 * that a later run finds what an earlier one left: all, a branch without a pull request, or nothing.
 */
export function proposeChangeWith(client: Client, pulls: Pulls): Forge['proposeChange'] {
  return async (change) => {
    const { prefix, base, title, body } = change
    if (Object.keys(change.files).length === 0) throw new UsageError('a change without files is none')
    const branch = `${prefix}-${contentDigest(change).slice(0, 12)}`
    const known = await pulls.fromBranch(branch)
    if (known) return known
    await ensureBranch(client, branch, change)
    return pulls.open({ title, body, head: branch, base })
  }
}

function contentDigest({ base, title, files }: Change): string {
  const digests = Object.entries(files).map(([path, content]) => [path, content === null ? null : sha256(content)])
  return sha256(canonicalJson([base, title, Object.fromEntries(digests)]))
}

async function ensureBranch(client: Client, branch: string, change: Change): Promise<void> {
  const at = { owner: client.owner, repo: client.repo }
  const held = await refOf(client, `heads/${branch}`)
  if (held) return refuseOther(client, branch, held.sha, change)
  const from = change.from ?? (await refOf(client, `heads/${change.base}`))?.sha
  if (!from) throw new UsageError(`there is no branch ${change.base}`, { mend: 'name the branch to propose to' })
  const commit = await commitOf(client, from)
  const tree = await makeTree(client, commit.tree, change)
  if (tree === commit.tree) throw new UsageError(`${change.base} has this content already`)
  const made = await client.put('commit.create', `commit for ${branch}`, (octokit) => {
    const signed = { ...author, date: change.date }
    const content = { message: change.title, tree, parents: [from], author: signed, committer: signed }
    return octokit.rest.git.createCommit({ ...at, ...content })
  })
  await client.create(
    'branch.create',
    `create the branch ${branch}`,
    async (octokit) => {
      await octokit.rest.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: made.data.sha })
      return true
    },
    async () => {
      const now = await refOf(client, `heads/${branch}`)
      if (now && now.sha !== made.data.sha) await refuseOther(client, branch, now.sha, change)
      return now ? true : null
    },
  )
}

/** A branch with our name for this content must have this content: its parent's tree and the files. */
async function refuseOther(client: Client, branch: string, sha: string, change: Change): Promise<void> {
  const commit = await commitOf(client, sha)
  const [parent] = commit.parents
  const onto = parent ? (await commitOf(client, parent)).tree : null
  // A change that does not fit that parent was never made on it.
  const tree = onto && (await makeTree(client, onto, change).catch(ifUnfit))
  if (tree === commit.tree) return
  throw new ToolError(`the branch ${branch} exists and holds something else`, {
    mend: 'look at who pushed there; remove the branch to let it be made again',
  })
}

function ifUnfit(error: unknown): null {
  if (error instanceof UsageError) return null
  throw error
}

/** Tree and parents of a commit. */
export async function commitOf(client: Client, commit_sha: string) {
  const { data } = await client.read(`read the commit ${commit_sha}`, (octokit) =>
    octokit.rest.git.getCommit({ owner: client.owner, repo: client.repo, commit_sha }),
  )
  return { tree: data.tree.sha, parents: data.parents.map(({ sha }) => sha) }
}

/** Objects are named by their content: making one twice makes one. */
export async function makeTree(client: Client, base_tree: string, { files }: Pick<Change, 'files'>): Promise<string> {
  const at = { owner: client.owner, repo: client.repo }
  type Entry = { path: string; mode: '100644'; type: 'blob'; sha?: string | null; content?: string }
  const entries: Entry[] = []
  for (const [path, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = { path, mode: '100644', type: 'blob' } as const
    if (content === null) entries.push({ ...entry, sha: null })
    else if (typeof content === 'string') entries.push({ ...entry, content })
    else {
      const { data } = await client.put('tree.blob', `send ${path}`, (octokit) =>
        octokit.rest.git.createBlob({ ...at, content: Buffer.from(content).toString('base64'), encoding: 'base64' }),
      )
      entries.push({ ...entry, sha: data.sha })
    }
  }
  const { data } = await client.put('tree.create', 'make the tree of the change', async (octokit) => {
    try {
      return await octokit.rest.git.createTree({ ...at, base_tree, tree: entries })
    } catch (error) {
      if (statusOf(error) !== 422) throw error
      throw new UsageError(`the change does not fit its base: ${(error as Error).message}`, { cause: error })
    }
  })
  return data.sha
}

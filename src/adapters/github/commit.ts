import { ToolError, UsageError } from '../../core/errors.ts'
import type { Forge } from '../../ports.ts'
import { author, commitOf, makeTree } from './change.ts'
import { type Client, statusOf } from './client.ts'
import { refOf } from './tag.ts'

/**
 * A commit at the end of a branch by the git data interface, on top of the commit that its content was made from: never
 * by force, and nothing that somebody else wrote meanwhile is undone.
 */
export function commitFilesWith(client: Client): Forge['commitFiles'] {
  const at = { owner: client.owner, repo: client.repo }
  return async ({ branch, from, message, files, date }) => {
    const held = await refOf(client, `heads/${branch}`)
    if (!held) throw new UsageError(`there is no branch ${branch}`, { mend: 'name one that exists' })
    if (held.sha !== from) return null
    const before = await commitOf(client, from)
    const tree = await makeTree(client, before.tree, { files })
    if (tree === before.tree) return { sha: from, created: false }
    const made = await client.put('commit.create', `commit to ${branch}`, (octokit) => {
      const signed = { ...author, date }
      const content = { message, tree, parents: [from], author: signed, committer: signed }
      return octokit.rest.git.createCommit({ ...at, ...content })
    })
    const { sha } = made.data
    return (await advance(client, branch, sha)) ? { sha, created: true } : null
  }
}

/** Puts the commit at the end of the branch; false when the branch is somewhere else by now. */
async function advance(client: Client, branch: string, sha: string): Promise<boolean> {
  const at = { owner: client.owner, repo: client.repo, ref: `heads/${branch}`, sha, force: false }
  return client.put('branch.advance', `put a commit at the end of ${branch}`, async (octokit) => {
    try {
      await octokit.rest.git.updateRef(at)
      return true
    } catch (error) {
      if (statusOf(error) !== 422) throw error
      if (/fast.?forward/i.test((error as Error).message)) return false
      throw new ToolError(`${branch} refuses the commit: ${(error as Error).message}`, {
        mend: `let the App pass by the rules of ${branch} (Settings → Rules → Rulesets → Bypass list): the end of a rollout is written there`,
        cause: error,
      })
    }
  })
}

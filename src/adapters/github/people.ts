import type { Forge, PullRequest, Review } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'

/** Who proposed, approved and may write. */
export function peopleOf(
  client: Client,
  pullRequest: (number: number) => Promise<PullRequest>,
): Pick<Forge, 'pullRequestsFrom' | 'reviews' | 'mayWrite'> {
  const at = { owner: client.owner, repo: client.repo }
  return {
    pullRequestsFrom: async (headOwner, branch) => {
      const { data } = await client.read(`find the pull requests of ${branch}`, (octokit) =>
        octokit.rest.pulls.list({ ...at, head: `${headOwner}:${branch}`, state: 'open', per_page: 100 }),
      )
      const found = data.filter(({ head }) => head.ref === branch && head.user?.login === headOwner)
      return Promise.all(found.slice(0, 3).map(({ number }) => pullRequest(number)))
    },
    reviews: async (number) => {
      const all = await client.read(`list the reviews of #${number}`, (octokit) =>
        octokit.paginate(octokit.rest.pulls.listReviews, { ...at, pull_number: number, per_page: 100 }),
      )
      return all.map(
        ({ user, state, commit_id, submitted_at }): Review => ({
          user: user?.login ?? 'ghost',
          state,
          commit: commit_id ?? '',
          at: submitted_at ?? '',
        }),
      )
    },
    mayWrite: (username) =>
      client.read(`ask what ${username} may do`, async (octokit) => {
        try {
          const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username })
          return ['admin', 'maintain', 'write'].includes(data.permission)
        } catch (error) {
          if (statusOf(error) === 404) return false
          throw error
        }
      }),
  }
}

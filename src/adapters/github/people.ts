import type { Forge, Review } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'
import { pullOf } from './pulls.ts'

// A base that was deleted turns its proposals to another one by itself.
const baseChange = ['base_ref_changed', 'automatic_base_change_succeeded']

/** Who proposed, approved and may write. */
export function peopleOf(client: Client): Pick<Forge, 'pullRequestsFrom' | 'baseChanges' | 'reviews' | 'mayWrite'> {
  const at = { owner: client.owner, repo: client.repo }
  return {
    pullRequestsFrom: async (headOwner, branch) => {
      const all = await client.read(`find the pull requests of ${branch}`, (octokit) =>
        octokit.paginate(octokit.rest.pulls.list, {
          ...at,
          head: `${headOwner}:${branch}`,
          state: 'all',
          per_page: 100,
        }),
      )
      return all
        .filter(({ head }) => head.ref === branch && head.user?.login === headOwner)
        .map((data) => pullOf({ ...data, merged: data.merged_at !== null }))
    },
    baseChanges: async (number) => {
      const all = await client.read(`list the events of #${number}`, (octokit) =>
        octokit.paginate(octokit.rest.issues.listEvents, { ...at, issue_number: number, per_page: 100 }),
      )
      return all.filter(({ event }) => baseChange.includes(event)).map(({ created_at }) => created_at)
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

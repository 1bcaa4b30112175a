import type { Forge } from '../ports.ts'
import { attestationsOf } from './github/attestations.ts'
import { proposeChangeWith } from './github/change.ts'
import { upsertCheckWith } from './github/check.ts'
import { clientOf, type ForgeOptions } from './github/client.ts'
import { upsertCommentWith } from './github/comment.ts'
import { commitFilesWith } from './github/commit.ts'
import { peopleOf } from './github/people.ts'
import { pullsOf } from './github/pulls.ts'
import { createReleaseWith } from './github/release.ts'
import { checksOf } from './github/required.ts'
import { createTagWith } from './github/tag.ts'
import { workflowsOf } from './github/workflows.ts'

/** The `Forge` port over GitHub's REST interface; the local forge and real GitHub are asked alike. */
export function createForge(options: ForgeOptions): Forge {
  const client = clientOf(options)
  const { fromBranch, openNew, ...pulls } = pullsOf(client)
  return {
    ...pulls,
    ...peopleOf(client),
    ...workflowsOf(client),
    attestations: attestationsOf(client),
    checks: (sha) => checksOf(client, sha),
    upsertComment: upsertCommentWith(client),
    upsertCheck: upsertCheckWith(client),
    createTag: createTagWith(client),
    createRelease: createReleaseWith(client),
    proposeChange: proposeChangeWith(client, { fromBranch, open: openNew }),
    commitFiles: commitFilesWith(client),
    defaultBranch: async () => {
      const at = { owner: client.owner, repo: client.repo }
      const { data } = await client.read('read the repository', (octokit) => octokit.rest.repos.get(at))
      return data.default_branch
    },
  }
}

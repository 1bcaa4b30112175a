import { ToolError } from '../core/errors.ts'
import type { Forge, PullRequest } from '../ports.ts'
import { upsertCheckWith } from './github/check.ts'
import { type Client, clientOf, type ForgeOptions, statusOf } from './github/client.ts'
import { upsertCommentWith } from './github/comment.ts'
import { peopleOf } from './github/people.ts'
import { workflowsOf } from './github/workflows.ts'

/** The `Forge` port over GitHub's REST interface; the local forge and real GitHub are asked alike. */
export function createForge(options: ForgeOptions): Forge {
  const client = clientOf(options)
  const { owner, repo } = client
  const pullRequest = async (number: number): Promise<PullRequest> => {
    const { data } = await client.read(`read pull request #${number}`, (octokit) =>
      octokit.rest.pulls.get({ owner, repo, pull_number: number }),
    )
    return pullOf(data)
  }
  const findPullRequest = async (head: string): Promise<PullRequest | null> => {
    const { data } = await client.read(`find the pull request of ${head}`, (octokit) =>
      octokit.rest.pulls.list({ owner, repo, head: `${owner}:${head}`, state: 'open', per_page: 100 }),
    )
    const found = data.find((pull) => pull.head.ref === head)
    return found ? pullRequest(found.number) : null
  }
  const checks = (sha: string) => checksOf(client, sha)

  return {
    ...peopleOf(client, pullRequest),
    ...workflowsOf(client),
    pullRequest,
    findPullRequest,
    checks,
    upsertComment: upsertCommentWith(client),
    upsertCheck: upsertCheckWith(client),
    openPullRequest: async (input) => {
      const look = async () => {
        const found = await findPullRequest(input.head)
        return found && found.base.ref === input.base ? found : null
      }
      const open = await look()
      if (open) return open
      return client.create(
        `open a pull request for ${input.head}`,
        async (octokit) => pullRequest((await octokit.rest.pulls.create({ owner, repo, ...input })).data.number),
        look,
      )
    },
    merge: async (number, message) => {
      const pull = await pullRequest(number)
      if (pull.merged && pull.mergeCommit) return { sha: pull.mergeCommit }
      await refuseUnlessGreen(client, pull, await checks(pull.head.sha))
      const [title = '', ...rest] = message.split('\n')
      return client.create(
        `merge #${number}`,
        async (octokit) => {
          const text = { commit_title: title, commit_message: rest.join('\n').trim() }
          const merged = { owner, repo, pull_number: number, sha: pull.head.sha, merge_method: 'merge' as const }
          return { sha: (await octokit.rest.pulls.merge({ ...merged, ...text })).data.sha }
        },
        async () => {
          const now = await pullRequest(number)
          return now.merged && now.mergeCommit ? { sha: now.mergeCommit } : null
        },
      )
    },
    createRelease: async ({ tag, name, body }) => {
      const look = async () => {
        const found = await releaseOf(client, tag)
        if (found && found.body.trim() !== body.trim()) {
          throw new ToolError(`the release ${tag} exists and says something else`, {
            mend: 'a release is never rewritten: take the next version',
          })
        }
        return found ? { id: found.id, url: found.url } : null
      }
      return (
        (await look()) ??
        client.create(
          `publish the release ${tag}`,
          async (octokit) => {
            const { data } = await octokit.rest.repos.createRelease({ owner, repo, tag_name: tag, name, body })
            return { id: data.id, url: data.html_url }
          },
          look,
        )
      )
    },
  }
}

type Pull = {
  number: number
  title: string
  body: string | null
  head: { ref: string; sha: string; repo: { full_name: string } | null }
  base: { ref: string; sha: string }
  state: string
  draft?: boolean | undefined
  user: { login: string } | null
  merged: boolean
  merge_commit_sha: string | null
}

function pullOf(data: Pull): PullRequest {
  return {
    number: data.number,
    title: data.title,
    body: data.body ?? '',
    head: { ref: data.head.ref, sha: data.head.sha },
    base: { ref: data.base.ref, sha: data.base.sha },
    state: data.state === 'open' ? 'open' : 'closed',
    draft: data.draft === true,
    author: data.user?.login ?? 'ghost',
    headRepository: data.head.repo?.full_name ?? null,
    merged: data.merged,
    // Before the merge GitHub names its trial merge here.
    mergeCommit: data.merged ? data.merge_commit_sha : null,
  }
}

/** Check runs, newest of each name, and commit statuses as GitHub counts both; null is not finished. */
async function checksOf(client: Client, sha: string): ReturnType<Forge['checks']> {
  const at = { owner: client.owner, repo: client.repo, ref: sha, per_page: 100 }
  const runs = await client.read(`list the checks of ${sha}`, (octokit) =>
    octokit.paginate(octokit.rest.checks.listForRef, at),
  )
  const newest = new Map(runs.sort((a, b) => a.id - b.id).map((run) => [run.name, run.conclusion as string | null]))
  const { data } = await client.read(`read the statuses of ${sha}`, (octokit) =>
    octokit.rest.repos.getCombinedStatusForRef(at),
  )
  for (const { context, state } of data.statuses) {
    if (!newest.has(context)) newest.set(context, state === 'pending' ? null : state === 'success' ? state : 'failure')
  }
  return [...newest].map(([name, conclusion]) => ({ name, conclusion }))
}

async function refuseUnlessGreen(client: Client, pull: PullRequest, checks: Awaited<ReturnType<Forge['checks']>>) {
  for (const name of await requiredChecks(client, pull.base.ref)) {
    const conclusion = checks.find((check) => check.name === name)?.conclusion
    if (conclusion === 'success' || conclusion === 'neutral' || conclusion === 'skipped') continue
    const stands =
      conclusion === undefined ? 'has not reported' : conclusion === null ? 'is still running' : `is ${conclusion}`
    throw new ToolError(`#${pull.number} cannot be merged: the required check "${name}" ${stands}`, {
      mend: 'mend what the check names and push, or let it run; a check is never bypassed',
    })
  }
}

/** Names of checks that the branch requires, by classic protection and by rulesets. */
async function requiredChecks(client: Client, branch: string): Promise<string[]> {
  const at = { owner: client.owner, repo: client.repo, branch }
  const { data } = await client.read(`read the branch ${branch}`, (octokit) => octokit.rest.repos.getBranch(at))
  const rules = await client.read(`read the rules of ${branch}`, async (octokit) => {
    try {
      return (await octokit.rest.repos.getBranchRules({ ...at, per_page: 100 })).data
    } catch (error) {
      // GitHub Enterprise Server before rulesets.
      if (statusOf(error) === 404) return []
      throw error
    }
  })
  const ruled = rules.flatMap((rule) =>
    rule.type === 'required_status_checks'
      ? (rule.parameters?.required_status_checks ?? []).map((check) => check.context)
      : [],
  )
  return [...new Set([...(data.protection?.required_status_checks?.contexts ?? []), ...ruled])]
}

async function releaseOf(client: Client, tag: string) {
  return client.read(`look for the release ${tag}`, async (octokit) => {
    try {
      const { data } = await octokit.rest.repos.getReleaseByTag({ owner: client.owner, repo: client.repo, tag })
      return { id: data.id, url: data.html_url, body: data.body ?? '' }
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  })
}

import type { Forge, PullRequest } from '../../ports.ts'
import type { Client } from './client.ts'
import { checksOf, refuseUnlessGreen } from './required.ts'

type Pulls = Pick<Forge, 'pullRequest' | 'findPullRequest' | 'openPullRequest' | 'merge'>

type Opened = Parameters<Forge['openPullRequest']>[0]
type Once = {
  /** The newest of a branch, whatever became of it. */
  fromBranch: (head: string) => Promise<PullRequest | null>
  /** Opens one where none was found a moment ago. */
  openNew: Forge['openPullRequest']
}

/** Pull requests: one a branch, merged once. */
export function pullsOf(client: Client): Pulls & Once {
  const { owner, repo } = client
  const pullRequest = async (number: number): Promise<PullRequest> => {
    const { data } = await client.read(`read pull request #${number}`, (octokit) =>
      octokit.rest.pulls.get({ owner, repo, pull_number: number }),
    )
    return pullOf(data)
  }
  const newest = async (head: string, state: 'open' | 'all'): Promise<PullRequest | null> => {
    const { data } = await client.read(`find the pull request of ${head}`, (octokit) =>
      octokit.rest.pulls.list({ owner, repo, head: `${owner}:${head}`, state, per_page: 100 }),
    )
    const found = data.filter((pull) => pull.head.ref === head).sort((a, b) => b.number - a.number)[0]
    return found ? pullRequest(found.number) : null
  }
  const findPullRequest = (head: string) => newest(head, 'open')
  const openFor = async ({ head, base }: Opened) => {
    const found = await findPullRequest(head)
    return found && found.base.ref === base ? found : null
  }
  // There is one of a branch for a base at most: a second one is refused, and then the first is looked for.
  const openNew = (input: Opened) =>
    client.create(
      'pull.open',
      `open a pull request for ${input.head}`,
      async (octokit) => pullOf((await octokit.rest.pulls.create({ owner, repo, ...input })).data),
      () => openFor(input),
    )

  return {
    pullRequest,
    findPullRequest,
    fromBranch: (head) => newest(head, 'all'),
    openNew,
    openPullRequest: async (input) => (await openFor(input)) ?? openNew(input),
    merge: async (number, message) => {
      const pull = await pullRequest(number)
      if (pull.merged && pull.mergeCommit) return { sha: pull.mergeCommit }
      await refuseUnlessGreen(client, pull, await checksOf(client, pull.head.sha))
      const [title = '', ...rest] = message.split('\n')
      return client.create(
        'pull.merge',
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
  created_at: string
  updated_at: string
}

/** A pull request as GitHub shows it. */
export function pullOf(data: Pull): PullRequest {
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
    createdAt: data.created_at,
    updatedAt: data.updated_at,
    merged: data.merged,
    // Before the merge GitHub names its trial merge here.
    mergeCommit: data.merged ? data.merge_commit_sha : null,
  }
}

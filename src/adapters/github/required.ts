import { ToolError } from '../../core/errors.ts'
import type { Forge, PullRequest } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'

/** Check runs, newest of each name, and commit statuses as GitHub counts both; null is not finished. */
export async function checksOf(client: Client, sha: string): ReturnType<Forge['checks']> {
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

/** ToolError that names the first required check that is not green. */
export async function refuseUnlessGreen(
  client: Client,
  pull: PullRequest,
  checks: Awaited<ReturnType<Forge['checks']>>,
) {
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

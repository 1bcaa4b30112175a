import type { RepositorySettings } from '../../core/judge/repository-settings.ts'
import { defaultRemote } from '../dvc/config.ts'
import { type Client, clientOf, type ForgeOptions, statusOf } from './client.ts'
import { runnerSettings } from './runner-settings.ts'

type Ruleset = {
  id: number
  target?: string
  enforcement: string
  conditions?: { ref_name?: { include?: string[] } } | null
  rules?: { type: string; parameters?: Record<string, unknown> }[]
}

/** Reads a repository's settings; what the token may not see is null. Only reads, and nothing is guessed. */
export async function readSettings(options: ForgeOptions): Promise<RepositorySettings> {
  const client = clientOf(options)
  const askAnywhere = asking(client, '')
  const ask = asking(client, `/repos/${client.owner}/${client.repo}`)
  const repository = await client.read('read the repository', (octokit) =>
    octokit.rest.repos.get({ owner: client.owner, repo: client.repo }),
  )
  const branch = repository.data.default_branch
  const workflow = await ask<{ default_workflow_permissions: string; can_approve_pull_request_reviews: boolean }>(
    '/actions/permissions/workflow',
  )
  const actions = await ask<{ sha_pinning_required?: boolean; allowed_actions?: string }>('/actions/permissions')
  const fork = await ask<{ approval_policy: string }>('/actions/permissions/fork-pr-contributor-approval')
  const forkRuns = repository.data.private
    ? await ask<{ send_secrets_and_variables: boolean; send_write_tokens_to_workflows: boolean }>(
        '/actions/permissions/fork-pr-workflows-private-repos',
      )
    : null
  const environments = await ask<{ environments: Environment[] }>('/environments?per_page=100')
  const variables = await ask<Variables>('/actions/variables?per_page=30')
  const secrets = await ask<{ secrets: { name: string }[] }>('/actions/secrets?per_page=100')
  const releases = await ask<{ enabled: boolean }>('/immutable-releases')
  return {
    defaultBranch: branch,
    private: repository.data.private,
    // Only a classic token has scopes, and GitHub names them in a header.
    tokenScopes: repository.headers['x-oauth-scopes']?.split(/, */).filter(Boolean) ?? null,
    ...(await runnerSettings(ask, askAnywhere, client, repository.data.owner?.type === 'Organization')),
    workflow: workflow && {
      permissions: workflow.default_workflow_permissions,
      approves: workflow.can_approve_pull_request_reviews,
    },
    actions: actions && { pinned: actions.sha_pinning_required === true, allowed: actions.allowed_actions ?? 'all' },
    forkApproval: fork?.approval_policy ?? null,
    forkRuns: forkRuns && {
      secrets: forkRuns.send_secrets_and_variables,
      writes: forkRuns.send_write_tokens_to_workflows,
    },
    rules: await branchRules(ask, branch),
    ...(await tagRules(ask)),
    environments: environments?.environments.map(environmentOf) ?? null,
    variables: variables?.variables.map(({ name }) => name) ?? null,
    secrets: secrets?.secrets.map(({ name }) => name) ?? null,
    // GitHub answers 404 where it is off; who may see the other settings may see this one.
    immutableReleases: releases?.enabled ?? (workflow ? false : null),
    codeOwners: await codeOwners(ask, branch),
    releasePolicy: await textAt(ask, branch, 'gates/release.yaml'),
    dvc: await dvcAccess(ask, branch, variables),
  }
}

type Ask = <T>(path: string) => Promise<T | null>

/** One GET below a place; null when the token may not see it or it is not there. */
function asking(client: Client, at: string): Ask {
  return async <T>(path: string) =>
    client.read(`read ${path.split('?')[0]}`, async (octokit) => {
      try {
        return (await octokit.request(`GET ${at}${path}`)).data as T
      } catch (error) {
        if ([403, 404].includes(statusOf(error) ?? 0)) return null
        throw error
      }
    })
}

/** The rules in force for a branch, of whatever ruleset they come from. */
async function branchRules(ask: Ask, branch: string): Promise<RepositorySettings['rules']> {
  const rules = await ask<{ type: string; parameters?: Record<string, unknown> }[]>(
    `/rules/branches/${encodeURIComponent(branch)}?per_page=100`,
  )
  if (rules === null) return null
  const ofType = (type: string) => rules.filter((rule) => rule.type === type).map(({ parameters }) => parameters ?? {})
  const reviews = ofType('pull_request')
  return {
    requiredChecks: ofType('required_status_checks').flatMap(({ required_status_checks: required }) =>
      ((required ?? []) as { context: string }[]).map(({ context }) => context),
    ),
    codeOwners: reviews.some((rule) => rule.require_code_owner_review === true),
    approvals: Math.max(0, ...reviews.map((rule) => Number(rule.required_approving_review_count ?? 0))),
    dismissesStale: reviews.some((rule) => rule.dismiss_stale_reviews_on_push === true),
    forcePush: ofType('non_fast_forward').length === 0,
  }
}

type Environment = {
  name: string
  protection_rules?: { type: string }[]
  deployment_branch_policy?: object | null
}
const environmentOf = ({ name, protection_rules = [], deployment_branch_policy }: Environment) => ({
  name,
  reviewers: protection_rules.some(({ type }) => type === 'required_reviewers'),
  branches: Boolean(deployment_branch_policy),
})

/** Patterns of tags that active rulesets keep from being moved and deleted, and from being made by anybody. */
async function tagRules(ask: Ask): Promise<Pick<RepositorySettings, 'guardedTags' | 'restrictedTags'>> {
  const all = await ask<Ruleset[]>('/rulesets?targets=tag&per_page=100')
  if (all === null) return { guardedTags: null, restrictedTags: null }
  const active = all.filter(({ target, enforcement }) => target === 'tag' && enforcement === 'active').slice(0, 20)
  const whole = await Promise.all(active.map(({ id }) => ask<Ruleset>(`/rulesets/${id}`)))
  const patterns = (fits: (types: string[]) => boolean) =>
    whole.flatMap((ruleset) =>
      fits((ruleset?.rules ?? []).map(({ type }) => type)) ? (ruleset?.conditions?.ref_name?.include ?? []) : [],
    )
  const kept = (types: string[]) => types.includes('update') || types.includes('non_fast_forward')
  return {
    guardedTags: patterns((types) => types.includes('deletion') && kept(types)),
    restrictedTags: patterns((types) => types.includes('creation')),
  }
}

async function codeOwners(ask: Ask, branch: string): Promise<string | null> {
  for (const path of ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']) {
    const text = await textAt(ask, branch, path)
    if (text !== null) return text
  }
  return null
}

async function textAt(ask: Ask, branch: string, path: string): Promise<string | null> {
  const file = await ask<{ content?: string }>(`/contents/${path}?ref=${encodeURIComponent(branch)}`)
  return typeof file?.content === 'string' ? Buffer.from(file.content, 'base64').toString('utf8') : null
}

type Variables = { variables: { name: string; value?: string }[] }

/** By what jobs are let into the default DVC remote; a variable of the environment stands over the repository's. */
async function dvcAccess(ask: Ask, branch: string, all: Variables | null): Promise<RepositorySettings['dvc']> {
  const remote = defaultRemote((await textAt(ask, branch, '.dvc/config')) ?? '')
  const valueIn = (of: Variables | null, name: string) => of?.variables.find((one) => one.name === name)?.value ?? ''
  const environment = valueIn(all, 'SLUICE_DATA_ENVIRONMENT')
  const at = `/environments/${encodeURIComponent(environment)}`
  const own = environment === '' ? null : await ask<Variables>(`${at}/variables?per_page=30`)
  const secrets = environment === '' ? null : await ask<{ secrets: { name: string }[] }>(`${at}/secrets?per_page=100`)
  return {
    remote,
    environment: all && environment,
    identity: all && (valueIn(own, 'SLUICE_DVC_OIDC') || valueIn(all, 'SLUICE_DVC_OIDC')),
    key: environment === '' ? false : (secrets?.secrets.some(({ name }) => name === 'SLUICE_DVC_CONFIG') ?? null),
  }
}

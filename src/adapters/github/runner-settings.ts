import type { RepositorySettings } from '../../core/judge/repository-settings.ts'
import type { Client } from './client.ts'

type Ask = <T>(path: string) => Promise<T | null>
type Runner = { name: string; ephemeral?: boolean }
type Group = {
  id: number
  name: string
  allows_public_repositories: boolean
  restricted_to_workflows?: boolean
  selected_workflows?: string[]
}

// Each costs a call.
const mostGroups = 20

/** Machines that the repository has of its own, and groups of its organisation's that it may use. */
export async function runnerSettings(
  ask: Ask,
  askAnywhere: Ask,
  { owner, repo }: Pick<Client, 'owner' | 'repo'>,
  isOrganisation: boolean,
): Promise<Pick<RepositorySettings, 'runners' | 'runnerGroups'>> {
  const own = await ask<{ runners: Runner[] }>('/actions/runners?per_page=100')
  return {
    runners: own?.runners.map(({ name, ephemeral }) => ({ name, ephemeral: ephemeral === true })) ?? null,
    runnerGroups: isOrganisation ? await groupsOf(askAnywhere, owner, repo) : [],
  }
}

/** Groups that have a machine; null as soon as one of them may not be seen. */
async function groupsOf(ask: Ask, org: string, repo: string): Promise<RepositorySettings['runnerGroups']> {
  const base = `/orgs/${org}/actions/runner-groups`
  const all = await ask<{ runner_groups: Group[] }>(`${base}?visible_to_repository=${repo}&per_page=100`)
  if (all === null || all.runner_groups.length > mostGroups) return null
  const found: NonNullable<RepositorySettings['runnerGroups']> = []
  for (const group of all.runner_groups) {
    const machines = await ask<{ runners: Runner[] }>(`${base}/${group.id}/runners?per_page=100`)
    if (machines === null) return null
    if (machines.runners.length === 0) continue
    const workflows = group.restricted_to_workflows === true ? (group.selected_workflows ?? []) : null
    const ephemeral = machines.runners.every((one) => one.ephemeral === true)
    found.push({ name: group.name, public: group.allows_public_repositories, workflows, ephemeral })
  }
  return found
}

import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { byAdministrator } from './settings.ts'
import { idOf, userOf } from './shapes.ts'

type Policy = components['schemas']['deployment-branch-policy-settings']
export type Environment = { id: number; name: string; reviewers: string[]; policy: Policy; at: string }
export type Variable = { name: string; value: string; at: string }

function shapeOf({ id, name, reviewers, policy, at }: Environment, context: Context) {
  const rule = (type: string) => ({ id: id * 10 + type.length, node_id: btoa(`rule:${id}:${type}`), type })
  const people = reviewers.map((login) => ({ type: 'User' as const, reviewer: userOf(login, context.api) }))
  return {
    id,
    node_id: btoa(`environment:${id}`),
    name,
    url: `${context.repo}/environments/${encodeURIComponent(name)}`,
    html_url: `${context.page}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: at,
    updated_at: at,
    protection_rules: [
      ...(people.length > 0 ? [{ ...rule('required_reviewers'), prevent_self_review: false, reviewers: people }] : []),
      ...(policy ? [rule('branch_policy')] : []),
    ],
    deployment_branch_policy: policy,
  } satisfies components['schemas']['environment']
}

function list(context: Context): Reply {
  const shapes = context.state.environments.map((environment) => shapeOf(environment, context))
  return paged(context, `${context.repo}/environments`, shapes, (page) => ({
    total_count: shapes.length,
    environments: page,
  }))
}

/** Makes an environment or changes it: what is not named is as in a new one. */
function put(context: Context): Reply {
  const { state, params, body } = context
  const name = decodeURIComponent(params[0] as string)
  const wanted = ((body.reviewers ?? []) as { type?: string; id?: number }[]).map(({ id }) =>
    Object.keys(state.people).find((login) => idOf(login) === id),
  )
  if (wanted.includes(undefined)) return refuse(422, 'A reviewer is no person of this repository')
  const policy = (body.deployment_branch_policy ?? null) as Policy
  if (policy && policy.protected_branches === policy.custom_branch_policies) {
    return refuse(422, 'protected_branches and custom_branch_policies cannot have the same value')
  }
  const held = state.environments.find((environment) => environment.name === name)
  const environment = held ?? { id: context.id(), name, reviewers: [], policy: null, at: context.now() }
  Object.assign(environment, { reviewers: wanted as string[], policy })
  if (!held) state.environments.push(environment)
  return ok(shapeOf(environment, context))
}

function variables(context: Context): Reply {
  const shapes = context.state.variables.map(({ name, value, at }) => ({ name, value, created_at: at, updated_at: at }))
  return paged(context, `${context.repo}/actions/variables`, shapes, (page) => ({
    total_count: shapes.length,
    variables: page,
  }))
}

function addVariable({ state, body, now }: Context): Reply {
  const [name, value] = [textOf(body.name), textOf(body.value)]
  if (!name || value === null) return invalid('Variable', 'name', 'missing_field')
  if (state.variables.some((variable) => variable.name === name)) return invalid('Variable', 'name', 'already_exists')
  state.variables.push({ name, value, at: now() })
  return created({})
}

export const environmentRoutes: Route[] = [
  ['GET', /^\/environments$/, list],
  ['PUT', /^\/environments\/([^/]+)$/, byAdministrator(put)],
  ['GET', /^\/actions\/variables$/, byAdministrator(variables)],
  ['POST', /^\/actions\/variables$/, byAdministrator(addVariable)],
]

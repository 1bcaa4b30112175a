import type { components } from '@octokit/openapi-types'
import { type Context, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'

type Schemas = components['schemas']
/** What an administrator sets for the repository, as a new one has it; published releases are frozen. */
export type Settings = {
  workflow: Schemas['actions-get-default-workflow-permissions']
  actions: Pick<Schemas['actions-repository-permissions'], 'enabled' | 'allowed_actions' | 'sha_pinning_required'>
  forkApproval: Schemas['actions-fork-pr-contributor-approval']
  forkRuns: Schemas['actions-fork-pr-workflows-private-repos']
  immutableReleases: boolean
  secrets: { name: string; at: string }[]
}

export const newSettings = (): Settings => ({
  workflow: { default_workflow_permissions: 'read', can_approve_pull_request_reviews: false },
  actions: { enabled: true, allowed_actions: 'all', sha_pinning_required: false },
  forkApproval: { approval_policy: 'first_time_contributors' },
  forkRuns: {
    run_workflows_from_fork_pull_requests: true,
    send_write_tokens_to_workflows: false,
    send_secrets_and_variables: false,
    require_approval_for_fork_pr_workflows: false,
  },
  immutableReleases: true,
  secrets: [],
})

type Handler = (context: Context) => Reply | Promise<Reply>

/** Settings are for administrators; a token of a job never is one. */
export const byAdministrator =
  (handler: Handler): Handler =>
  (context) => {
    const { author, owner, state } = context
    const may = author === owner || state.people[author] === 'admin'
    return may ? handler(context) : refuse(403, 'Resource not accessible by integration')
  }

/** Reads and changes one group of settings; `keys` are those that a change may name. */
function group(key: 'workflow' | 'actions' | 'forkApproval' | 'forkRuns', path: RegExp, keys: string[]): Route[] {
  const change: Handler = ({ state, body }) => {
    const strange = Object.keys(body).find((name) => !keys.includes(name))
    if (strange !== undefined) return invalid('Repository', strange, 'invalid')
    Object.assign(state.settings[key], body)
    return { status: 204 }
  }
  return [
    ['GET', path, byAdministrator(({ state }) => ok(state.settings[key]))],
    ['PUT', path, byAdministrator(change)],
  ]
}

function secrets(context: Context): Reply {
  const shapes = context.state.settings.secrets.map(({ name, at }) => ({ name, created_at: at, updated_at: at }))
  return paged(context, `${context.repo}/actions/secrets`, shapes, (page) => ({
    total_count: shapes.length,
    secrets: page,
  }))
}

/** Its value comes sealed, and nothing here could open it. */
function putSecret({ state, params, body, now }: Context): Reply {
  const [name = ''] = params
  if (!textOf(body.encrypted_value) || !textOf(body.key_id))
    return invalid('Secret', 'encrypted_value', 'missing_field')
  const held = state.settings.secrets.some((secret) => secret.name === name)
  if (!held) state.settings.secrets.push({ name, at: now() })
  return held ? { status: 204 } : { status: 201, body: {} }
}

const immutable = (enabled: boolean) =>
  byAdministrator(({ state }) => {
    state.settings.immutableReleases = enabled
    return { status: 204 }
  })

export const settingRoutes: Route[] = [
  ...group('workflow', /^\/actions\/permissions\/workflow$/, [
    'default_workflow_permissions',
    'can_approve_pull_request_reviews',
  ]),
  ...group('actions', /^\/actions\/permissions$/, ['enabled', 'allowed_actions', 'sha_pinning_required']),
  ...group('forkApproval', /^\/actions\/permissions\/fork-pr-contributor-approval$/, ['approval_policy']),
  // Of private repositories only.
  ...group('forkRuns', /^\/actions\/permissions\/fork-pr-workflows-private-repos$/, [
    'run_workflows_from_fork_pull_requests',
    'send_write_tokens_to_workflows',
    'send_secrets_and_variables',
    'require_approval_for_fork_pr_workflows',
  ]),
  // Machines register themselves; none does here.
  [
    'GET',
    /^\/actions\/runners$/,
    byAdministrator((context) =>
      paged(context, `${context.repo}/actions/runners`, [], (runners) => ({ total_count: 0, runners })),
    ),
  ],
  ['GET', /^\/actions\/secrets$/, byAdministrator(secrets)],
  ['PUT', /^\/actions\/secrets\/([A-Z_][A-Z0-9_]*)$/, byAdministrator(putSecret)],
  [
    'GET',
    /^\/immutable-releases$/,
    // GitHub says that it is not there where it is off.
    byAdministrator(({ state }) =>
      state.settings.immutableReleases ? ok({ enabled: true, enforced_by_owner: false }) : notFound(),
    ),
  ],
  ['PUT', /^\/immutable-releases$/, immutable(true)],
  ['DELETE', /^\/immutable-releases$/, immutable(false)],
]

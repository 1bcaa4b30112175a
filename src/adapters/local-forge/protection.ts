import type { components } from '@octokit/openapi-types'
import { branchCommit } from './commit-shape.ts'
import { type Context, invalid, notFound, ok, type Reply, type Route, refuse } from './http.ts'
import { ruledChecks } from './rulesets.ts'
import type { State } from './state.ts'

/** Required checks of a branch that are not green for a commit: never reported, running, or ended otherwise. */
export function unmetChecks(state: State, branch: string, sha: string): { name: string; why: string }[] {
  const names = new Set([...(state.required[branch] ?? []), ...ruledChecks(state, branch)])
  return [...names].flatMap((name) => {
    const check = state.checks.findLast((entry) => entry.sha === sha && entry.name === name)
    const status = state.statuses.findLast((entry) => entry.sha === sha && entry.context === name)
    const conclusion = check ? (check.conclusion ?? check.status) : status?.state
    if (conclusion === undefined) return [{ name, why: 'expected' }]
    if (['success', 'neutral', 'skipped'].includes(conclusion)) return []
    return [{ name, why: ['queued', 'in_progress', 'pending'].includes(conclusion) ? 'in progress' : 'failing' }]
  })
}

const branchIn = (context: Context) => decodeURIComponent(context.params[0] as string)

async function branch(context: Context): Promise<Reply> {
  const name = branchIn(context)
  const sha = await context.git.branchOf(name)
  if (!sha) return refuse(404, 'Branch not found')
  const contexts = context.state.required[name] ?? []
  const level = contexts.length > 0 ? 'non_admins' : 'off'
  return ok({
    name,
    commit: await branchCommit(sha, context),
    _links: { self: `${context.repo}/branches/${name}`, html: `${context.page}/tree/${name}` },
    protected: contexts.length > 0,
    protection: {
      enabled: contexts.length > 0,
      required_status_checks: {
        enforcement_level: level,
        contexts,
        checks: contexts.map((check) => ({ context: check, app_id: null })),
      },
    },
    protection_url: `${context.repo}/branches/${name}/protection`,
  } satisfies components['schemas']['branch-with-protection'])
}

function checksOf(context: Context): Reply {
  const name = branchIn(context)
  const contexts = context.state.required[name]
  if (!contexts) return refuse(404, 'Required status checks not enabled')
  const url = `${context.repo}/branches/${name}/protection/required_status_checks`
  const checks = contexts.map((check) => ({ context: check, app_id: null }))
  const body: components['schemas']['status-check-policy'] = {
    url,
    strict: false,
    contexts,
    checks,
    contexts_url: `${url}/contexts`,
  }
  return ok(body)
}

async function protect(context: Context): Promise<Reply> {
  const name = branchIn(context)
  if (!(await context.git.branchOf(name))) return refuse(404, 'Branch not found')
  const wanted = context.body.required_status_checks as
    | { contexts?: unknown; checks?: { context?: unknown }[] }
    | null
    | undefined
  if (wanted === undefined) return invalid('Branch', 'required_status_checks', 'missing_field')
  const list = [...((wanted?.contexts as unknown[]) ?? []), ...(wanted?.checks ?? []).map((check) => check.context)]
  if (list.some((entry) => typeof entry !== 'string')) return invalid('Branch', 'contexts', 'invalid')
  if (wanted === null) delete context.state.required[name]
  else context.state.required[name] = [...new Set(list as string[])]
  const checks = checksOf(context)
  return ok({
    url: `${context.repo}/branches/${name}/protection`,
    ...(checks.status === 200 ? { required_status_checks: checks.body } : {}),
  })
}

export const protectionRoutes: Route[] = [
  ['GET', /^\/branches\/([^/]+)$/, branch],
  ['PUT', /^\/branches\/([^/]+)\/protection$/, protect],
  ['GET', /^\/branches\/([^/]+)\/protection\/required_status_checks$/, checksOf],
  [
    'DELETE',
    /^\/branches\/([^/]+)\/protection$/,
    (context) => (delete context.state.required[branchIn(context)] ? { status: 204 } : notFound()),
  ],
]

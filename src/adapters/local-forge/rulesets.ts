import type { components } from '@octokit/openapi-types'
import { passesFilter } from '../local-actions/filter-pattern.ts'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, textOf } from './http.ts'
import { byAdministrator } from './settings.ts'
import type { State } from './state.ts'

type Schemas = components['schemas']
type Rule = Schemas['repository-rule']
export type Ruleset = {
  id: number
  name: string
  target: 'branch' | 'tag' | 'push'
  enforcement: Schemas['repository-rule-enforcement']
  include: string[]
  exclude: string[]
  rules: Rule[]
  at: string
}

const targets = ['branch', 'tag', 'push']
const enforcements = ['disabled', 'active', 'evaluate']

/** Active rulesets that a branch falls under. */
function rulesetsOf({ rulesets, defaultBranch }: State, branch: string): Ruleset[] {
  const ref = `refs/heads/${branch}`
  const isNamed = (patterns: string[]) =>
    patterns.some(
      (pattern) =>
        pattern === '~ALL' || (pattern === '~DEFAULT_BRANCH' ? branch === defaultBranch : passesFilter([pattern], ref)),
    )
  return rulesets.filter(
    ({ target, enforcement, include, exclude }) =>
      target === 'branch' && enforcement === 'active' && isNamed(include) && !isNamed(exclude),
  )
}

/** Names of the checks that rulesets require of a branch. */
export function ruledChecks(state: State, branch: string): string[] {
  return rulesetsOf(state, branch)
    .flatMap(({ rules }) => rules)
    .flatMap((rule) => (rule.type === 'required_status_checks' ? (rule.parameters?.required_status_checks ?? []) : []))
    .map(({ context }) => context)
}

/** A ruleset as its own call shows it; the list leaves its conditions and rules out. */
function shapeOf(ruleset: Ruleset, context: Context): Schemas['repository-ruleset'] {
  const { id, include, exclude, rules } = ruleset
  return { ...listedShape(ruleset, context), id, conditions: { ref_name: { include, exclude } }, rules }
}

function listedShape({ id, name, target, enforcement, at }: Ruleset, context: Context): Schemas['repository-ruleset'] {
  return {
    id,
    name,
    target,
    source_type: 'Repository',
    source: `${context.owner}/${context.name}`,
    enforcement,
    node_id: Buffer.from(`ruleset:${id}`).toString('base64'),
    _links: { self: { href: `${context.repo}/rulesets/${id}` }, html: { href: `${context.page}/rules/${id}` } },
    created_at: at,
    updated_at: at,
  }
}

/** Lays what a request names over a ruleset; the reply that refuses it, or null. */
function write(ruleset: Ruleset, { body }: Context): Reply | null {
  const { ref_name: named } = (body.conditions ?? {}) as { ref_name?: { include?: string[]; exclude?: string[] } }
  const {
    name = ruleset.name,
    target = ruleset.target,
    enforcement = ruleset.enforcement,
    rules = ruleset.rules,
  } = body
  if (!textOf(name)) return invalid('Ruleset', 'name', 'missing_field')
  if (!targets.includes(String(target))) return invalid('Ruleset', 'target', 'invalid')
  if (!enforcements.includes(String(enforcement))) return invalid('Ruleset', 'enforcement', 'invalid')
  if (!Array.isArray(rules) || rules.some((rule) => !textOf(rule?.type))) return invalid('Ruleset', 'rules', 'invalid')
  const ends = { include: named?.include ?? ruleset.include, exclude: named?.exclude ?? ruleset.exclude }
  Object.assign(ruleset, { name, target, enforcement, rules, ...ends })
  return null
}

function create(context: Context): Reply {
  const empty = { id: 0, name: '', target: 'branch' as const, enforcement: 'disabled' as const }
  const ruleset: Ruleset = { ...empty, include: [], exclude: [], rules: [], at: context.now() }
  const refused = write(ruleset, context)
  if (refused) return refused
  ruleset.id = context.id()
  context.state.rulesets.push(ruleset)
  return created(shapeOf(ruleset, context))
}

const held = ({ state, params }: Context) => state.rulesets.find(({ id }) => String(id) === params[0])

function list(context: Context): Reply {
  const wanted = context.query.get('targets')?.split(',') ?? targets
  const found = context.state.rulesets.filter(({ target }) => wanted.includes(target))
  return paged(
    context,
    `${context.repo}/rulesets`,
    found.map((ruleset) => listedShape(ruleset, context)),
  )
}

function rulesOf(context: Context): Reply {
  const branch = decodeURIComponent(context.params[0] as string)
  const source = { ruleset_source_type: 'Repository' as const, ruleset_source: `${context.owner}/${context.name}` }
  const rules = rulesetsOf(context.state, branch).flatMap(({ id, rules: own }) =>
    own.map((rule) => ({ ...rule, ...source, ruleset_id: id })),
  )
  return paged(context, `${context.repo}/rules/branches/${context.params[0]}`, rules)
}

const ofOne = (answer: (ruleset: Ruleset, context: Context) => Reply) => (context: Context) => {
  const ruleset = held(context)
  return ruleset ? answer(ruleset, context) : notFound()
}

export const rulesetRoutes: Route[] = [
  ['POST', /^\/rulesets$/, byAdministrator(create)],
  ['GET', /^\/rulesets$/, list],
  ['GET', /^\/rulesets\/(\d+)$/, ofOne((ruleset, context) => ok(shapeOf(ruleset, context)))],
  [
    'PUT',
    /^\/rulesets\/(\d+)$/,
    byAdministrator(ofOne((ruleset, context) => write(ruleset, context) ?? ok(shapeOf(ruleset, context)))),
  ],
  [
    'DELETE',
    /^\/rulesets\/(\d+)$/,
    byAdministrator(
      ofOne((ruleset, { state }) => {
        state.rulesets = state.rulesets.filter((other) => other !== ruleset)
        return { status: 204 }
      }),
    ),
  ],
  ['GET', /^\/rules\/branches\/([^/]+)$/, rulesOf],
]

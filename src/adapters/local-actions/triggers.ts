import { passesFilter } from './filter-pattern.ts'

type Filter = Partial<
  Record<'branches' | 'branches-ignore' | 'tags' | 'tags-ignore' | 'paths' | 'paths-ignore' | 'types', string[]>
> & { workflows?: string[] }
/** The part of a parsed workflow that says when it starts. */
export type Triggers = { on?: unknown }
/** What happened; `paths` are the files that a push or a proposal changes, asked for only when a filter needs them. */
export type TriggerEvent = {
  name: string
  payload: Record<string, unknown>
  /** GITHUB_TOKEN's events start nothing but dispatches, or workflows would start themselves for ever. */
  byWorkflow: boolean
  paths: () => Promise<string[]>
}

// Activity types that start a workflow which names none; every other event: whatever it says.
const defaultTypes: Record<string, string[]> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
  merge_group: ['checks_requested'],
}
const byAnyToken = ['workflow_dispatch', 'repository_dispatch', 'workflow_run']

/** Whether GitHub starts a workflow for an event. `schedule` never starts: nothing here waits for a clock. */
export async function starts(workflow: Triggers, event: TriggerEvent): Promise<boolean> {
  if (event.byWorkflow && !byAnyToken.includes(event.name)) return false
  const filters = filtersOf(workflow.on)
  const filter = filters[event.name]
  if (filter === undefined || event.name === 'schedule' || event.name === 'workflow_call') return false
  const { payload } = event
  const types = filter.types ?? defaultTypes[event.name]
  if (types && event.name !== 'push' && !types.includes(String(payload.action))) return false
  if (event.name === 'push') return pushStarts(filter, event)
  if (event.name === 'pull_request' || event.name === 'pull_request_target') {
    return branchStarts(filter, text(payload, 'pull_request', 'base', 'ref')) && (await pathsStart(filter, event))
  }
  if (event.name === 'merge_group') return branchStarts(filter, branchOf(text(payload, 'merge_group', 'base_ref')))
  if (event.name === 'workflow_run') {
    const named = passesFilter(filter.workflows ?? [], text(payload, 'workflow_run', 'name'))
    return named && branchStarts(filter, text(payload, 'workflow_run', 'head_branch'))
  }
  return true
}

/** Whether GitHub records a failed run of a file that is no workflow: it says nothing of when it would start. */
export const startsInvalid = ({ name, payload, byWorkflow }: Omit<TriggerEvent, 'paths'>): boolean =>
  !byWorkflow &&
  ((name === 'push' && payload.deleted !== true) ||
    (name === 'pull_request' && (defaultTypes.pull_request ?? []).includes(String(payload.action))))

/** Events of `on:` with their filters, in any of its three forms. */
function filtersOf(on: unknown): Record<string, Filter> {
  if (typeof on === 'string') return { [on]: {} }
  if (Array.isArray(on)) return Object.fromEntries(on.map((name) => [String(name), {}]))
  if (on === null || typeof on !== 'object') return {}
  return Object.fromEntries(
    Object.entries(on).map(([name, value]) => [name, Array.isArray(value) ? {} : lists(value as object | null)]),
  )
}

/** A filter of one value may be written without a list. */
function lists(filter: object | null): Filter {
  const entries = Object.entries(filter ?? {}).filter(([, value]) => typeof value === 'string' || Array.isArray(value))
  return Object.fromEntries(entries.map(([key, value]) => [key, [value].flat().map(String)]))
}

async function pushStarts(filter: Filter, event: TriggerEvent): Promise<boolean> {
  if (event.payload.deleted === true) return false
  const ref = String(event.payload.ref)
  const ofBranches = filter.branches ?? filter['branches-ignore']
  const ofTags = filter.tags ?? filter['tags-ignore']
  if (ref.startsWith('refs/tags/')) {
    // Filters of branches alone leave tags out; filters of paths say nothing about a tag.
    if (!ofTags) return !ofBranches
    const tag = ref.slice('refs/tags/'.length)
    return filter.tags ? passesFilter(filter.tags, tag) : !passesFilter(ofTags, tag)
  }
  if (!ofBranches && ofTags) return false
  return branchStarts(filter, branchOf(ref)) && (await pathsStart(filter, event))
}

function branchStarts(filter: Filter, branch: string): boolean {
  if (filter.branches) return passesFilter(filter.branches, branch)
  return !(filter['branches-ignore'] && passesFilter(filter['branches-ignore'], branch))
}

async function pathsStart(filter: Filter, event: TriggerEvent): Promise<boolean> {
  const wanted = filter.paths
  const ignored = filter['paths-ignore']
  if (!wanted && !ignored) return true
  const paths = await event.paths()
  if (wanted) return paths.some((path) => passesFilter(wanted, path))
  return paths.some((path) => !passesFilter(ignored ?? [], path))
}

const branchOf = (ref: string) => ref.replace(/^refs\/heads\//, '')

/** A text deep in a payload; empty when it is not there. */
export function text(value: unknown, ...path: string[]): string {
  let at = value
  for (const key of path) at = at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined
  return typeof at === 'string' ? at : ''
}

import { parse } from 'yaml'
import { evaluate, fillExpressions } from './expression.ts'

type Concurrency = string | { group: string; 'cancel-in-progress'?: boolean | string }
type Contexts = Record<string, unknown>
type Job = {
  permissions?: unknown
  environment?: unknown
  'runs-on'?: unknown
  if?: unknown
}
type Raw = {
  name?: string
  on?: unknown
  'run-name'?: string
  permissions?: unknown
  concurrency?: Concurrency
  jobs?: Record<string, Job>
}
/** What the driver must know of a workflow before act runs it. */
export type Workflow = ReturnType<typeof readWorkflow>

export function readWorkflow(file: string, content: string) {
  const { raw, invalid } = parsed(content)
  const jobs = Object.entries(raw.jobs ?? {})
  return {
    file,
    /** Why it is no workflow; empty when it is one. */
    invalid,
    name: raw.name ?? `.github/workflows/${file}`,
    on: raw.on,
    jobs: jobs.map(([id]) => id),
    gpuJobs: jobs.filter(([, job]) => [job['runs-on']].flat().map(String).includes('gpu')).map(([id]) => id),
    /** Names may be filled in; a job whose name is then empty has none. */
    environments: (contexts: Record<string, unknown>) =>
      distinct(jobs.map(([, job]) => fillExpressions(environmentOf(job), contexts).trim())),
    /** One token serves a whole run here, so it may what any of the jobs may; GitHub gives each job its own. */
    permissions: union([...jobs.map(([, job]) => job.permissions ?? raw.permissions)]),
    title: (contexts: Contexts) =>
      raw['run-name'] === undefined ? '' : fillExpressions(raw['run-name'], contexts).trim(),
    concurrency: (contexts: Contexts) => groupOf(raw.concurrency, contexts),
    /** Whether no job runs, as far as their conditions can be told before the first one. */
    isSkipped: (contexts: Contexts) => jobs.every(([, job]) => conditionOf(job, contexts) === false),
    /** Groups of the workflows that it calls. */
    calledGroups: (_: Contexts): string[] => [],
    /** Workflows of other repositories that jobs call. */
    calls: [...content.matchAll(/\buses:\s*([\w.-]+\/[\w.-]+)\/\.github\/workflows\/([\w.-]+)@([^\s#]+)/g)].map(
      ([, repository, called = '', ref]) => ({ source: `${repository}@${ref}`, file: called }),
    ),
    /** Actions and workflows of other repositories, as `owner/name@ref`. */
    uses: [...new Set([...content.matchAll(/\buses:\s*([\w.-]+\/[\w.-]+)(?:\/[^\s@]*)?@([^\s#]+)/g)].map(at))],
  }
}

function groupOf(concurrency: Concurrency | undefined, contexts: Contexts) {
  if (concurrency === undefined) return null
  const { group, 'cancel-in-progress': cancel = false } =
    typeof concurrency === 'string' ? { group: concurrency } : concurrency
  const inner = typeof cancel === 'string' ? /^\$\{\{(.*)\}\}$/s.exec(cancel.trim())?.[1] : undefined
  const cancels = inner === undefined ? String(cancel) === 'true' : evaluate(inner, contexts) === true
  return { group: fillExpressions(group, contexts), cancels }
}

/** What a job's condition comes to; null where only act can tell. */
function conditionOf(job: Job, contexts: Contexts): boolean | null {
  if (job.if === undefined) return true
  const source = /^\$\{\{(.*)\}\}$/s.exec(String(job.if).trim())?.[1] ?? String(job.if)
  try {
    return Boolean(evaluate(source, contexts))
  } catch {
    return null
  }
}

/** What a file says, and why GitHub takes it for no workflow. */
function parsed(content: string): { raw: Raw; invalid: string } {
  const none = (invalid: string) => ({ raw: {}, invalid })
  const isMap = (value: unknown) => value !== null && typeof value === 'object' && !Array.isArray(value)
  try {
    const raw = parse(content) as Raw
    if (!isMap(raw)) return none('it is no map')
    if (raw.on === undefined || raw.on === null) return none('No event triggers defined in `on`')
    const { jobs } = raw
    if (
      !isMap(jobs) ||
      Object.values(jobs as object).some((job) => !isMap(job)) ||
      Object.keys(jobs ?? {}).length === 0
    )
      return none('it has no jobs')
    return { raw, invalid: '' }
  } catch (error) {
    return none((error as Error).message.split('\n')[0] ?? '')
  }
}

const distinct = (names: string[]) => [...new Set(names.filter((name) => name !== ''))]
const at = ([, repository, ref]: RegExpMatchArray) => `${repository}@${ref}`
const environmentOf = ({ environment }: Job) =>
  typeof environment === 'string' ? environment : String((environment as { name?: string } | undefined)?.name ?? '')

function union(all: unknown[]): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const scopes of all) {
    // `write-all` has no list; a workflow that says nothing gets what a careful repository gives: reading.
    const entries = scopes !== null && typeof scopes === 'object' ? Object.entries(scopes) : []
    for (const [scope, level] of entries) if (merged[scope] !== 'write') merged[scope] = String(level)
  }
  return merged
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type GatePolicyBody, gatePolicy, type WaiversBody, waivers } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { UsageError } from '../core/errors.ts'
import { readText } from './files.ts'
import { home } from './tools.ts'

/** The pull request that this run is about; null for a push, a schedule or a run by hand. */
export type PullRequestEvent = { number: number; headSha: string; baseSha: string }

const isSha = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value)
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1

/** The event of a run as GitHub wrote it; null when there is none. */
function readEvent(file = process.env.GITHUB_EVENT_PATH): Record<string, unknown> | null {
  if (process.env.GITHUB_EVENT_NAME === 'pull_request_target') {
    throw new UsageError('this action does not run on pull_request_target: it would read a fork with your secrets', {
      mend: 'use pull_request',
    })
  }
  if (!file || !existsSync(file)) return null
  try {
    return (JSON.parse(readText(file)) as Record<string, unknown> | null) ?? {}
  } catch (cause) {
    throw new UsageError('the event is not JSON', { where: file, cause })
  }
}

/** Reads the event of a run; what is not as GitHub writes it is refused, since the payload decides what is judged. */
export function pullRequestEvent(file = process.env.GITHUB_EVENT_PATH): PullRequestEvent | null {
  const event = readEvent(file)
  const pull = event?.pull_request as
    | { number?: unknown; head?: { sha?: unknown }; base?: { sha?: unknown } }
    | undefined
  if (!pull) return null
  const { number, head, base } = pull
  if (!isNumber(number) || !isSha(head?.sha) || !isSha(base?.sha)) {
    throw new UsageError('the event names no pull request with number, head and base', {
      where: file ?? 'GITHUB_EVENT_PATH',
    })
  }
  return { number, headSha: head.sha, baseSha: base.sha }
}

/** What a run judges: of its inputs, its pull request or the merge queue; an empty base is a data set alone. */
export function judgedCommits(
  asked: { base: string; head: string; pullRequest: string },
  file = process.env.GITHUB_EVENT_PATH,
): { pullRequest: number | null; head: string; base: string } {
  if (asked.head !== '') {
    // Number() would take "1e3", "0x10" and " 7" too.
    const pullRequest = /^[1-9]\d*$/.test(asked.pullRequest) ? Number(asked.pullRequest) : null
    if (!isSha(asked.head) || !isNumber(pullRequest)) {
      throw new UsageError(`"${asked.head}" of pull request "${asked.pullRequest}" is no commit of a proposal`, {
        mend: 'give its number and the 40 hexadecimal digits of its newest commit',
      })
    }
    return { pullRequest, head: asked.head, base: asked.base || (process.env.GITHUB_SHA ?? '') }
  }
  const pull = pullRequestEvent(file)
  if (pull) return { pullRequest: pull.number, head: pull.headSha, base: asked.base || pull.baseSha }
  const group = readEvent(file)?.merge_group as { head_sha?: unknown; base_sha?: unknown } | undefined
  if (group === undefined) return { pullRequest: null, head: process.env.GITHUB_SHA ?? '', base: asked.base }
  if (!isSha(group.head_sha) || !isSha(group.base_sha)) {
    throw new UsageError('the event names no merge group with head and base', { where: file ?? 'GITHUB_EVENT_PATH' })
  }
  return { pullRequest: null, head: group.head_sha, base: asked.base || group.base_sha }
}

/** The run that a workflow_run event says has ended; everything else about it is asked from GitHub. */
export function finishedRunEvent(file = process.env.GITHUB_EVENT_PATH): { run: number; defaultBranch: string } {
  const event = readEvent(file)
  const id = (event?.workflow_run as { id?: unknown } | undefined)?.id
  if (!isNumber(id)) throw new UsageError('the event names no run', { where: file ?? 'GITHUB_EVENT_PATH' })
  return { run: id, defaultBranch: defaultBranchOf(event) }
}

/** The commit that a branch was at before a push; null for every other event, and for a new branch. */
export function pushedFrom(file = process.env.GITHUB_EVENT_PATH): string | null {
  const before = process.env.GITHUB_EVENT_NAME === 'push' ? readEvent(file)?.before : null
  return isSha(before) && !/^0+$/.test(before) ? before : null
}

/** A number above 0 that an input gives; whole where it says how many at most. */
export function positiveInput(name: string, text: string, most?: number): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  const fits = Number.isFinite(value) && value > 0 && (most === undefined || (Number.isInteger(value) && value <= most))
  if (fits) return value
  throw new UsageError(
    `${JSON.stringify(text)} is no ${most === undefined ? 'number above 0' : `whole number from 1 to ${most}`}`,
    {
      where: name,
      mend: 'mend the input, or the variable of the repository behind it',
    },
  )
}

/** The number of a pull request or a run that an input gives. */
export const countInput = (name: string, text: string): number => positiveInput(name, text, Number.MAX_SAFE_INTEGER)

/** The same where the input may be empty. */
export const numberInput = (name: string, text: string): number | null => (text === '' ? null : countInput(name, text))

/** A path that an input gives, below the root of the repository. */
export function pathInput(text: string): string {
  const path = text.replace(/\/+$/, '')
  const odd = path.startsWith('/') || /^[a-z]:/i.test(path) || path.split(/[\\/]/).includes('..')
  if (odd || /[\p{Cc}*?[\]\\]/u.test(path)) {
    throw new UsageError(`${JSON.stringify(text)} is no path below the repository`, {
      where: 'path',
      mend: 'give it from the root of the repository, as in data/site',
    })
  }
  return path
}

/** Whether only those whom the repository names can read it, artefacts included; what an event leaves out is not so. */
export function isPrivate(file = process.env.GITHUB_EVENT_PATH): boolean {
  return (readEvent(file)?.repository as { private?: unknown } | undefined)?.private === true
}

/** The default branch, as the event names it. */
export const eventBranch = (file = process.env.GITHUB_EVENT_PATH) => defaultBranchOf(readEvent(file))

/** A new comment on a pull request, and whether this run of it is a second attempt. */
export function commentEvent(file = process.env.GITHUB_EVENT_PATH) {
  const event = readEvent(file)
  const issue = event?.issue as { number?: unknown; pull_request?: unknown } | undefined
  const comment = event?.comment as { body?: unknown; created_at?: unknown; user?: { login?: unknown } } | undefined
  const [body, author, at] = [comment?.body, comment?.user?.login, comment?.created_at]
  const told = event?.action === 'created' && issue?.pull_request && isNumber(issue.number)
  const isDated = typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at)
  if (!told || typeof body !== 'string' || typeof author !== 'string' || !isDated) {
    throw new UsageError('the event is no new comment on a pull request', { where: file ?? 'GITHUB_EVENT_PATH' })
  }
  const retried = Number(process.env.GITHUB_RUN_ATTEMPT ?? 1) > 1
  return {
    pullRequest: issue.number as number,
    body,
    author,
    at,
    retried,
    defaultBranch: defaultBranchOf(event),
  }
}

function defaultBranchOf(event: Record<string, unknown> | null): string {
  const branch = (event?.repository as { default_branch?: unknown } | undefined)?.default_branch
  return typeof branch === 'string' && /^[\w./-]+$/.test(branch) ? branch : 'main'
}

/**
 * A file of the base, as `text` reads it: what an input names has to be there, what is there by convention may be.
 * Null when there is none.
 */
export async function baseFile(
  text: (path: string) => Promise<string | null>,
  named: string,
  fallback: string,
): Promise<{ file: string; text: string } | null> {
  if (named.split(/[\\/]/).includes('..') || named.startsWith('/')) {
    throw new UsageError(`${JSON.stringify(named)} leaves the repository`, { mend: 'give a path below its root' })
  }
  const file = named || fallback
  const found = await text(file)
  if (found !== null) return { file, text: found }
  if (named === '') return null
  throw new UsageError('the base has no such file', {
    where: named,
    mend: 'merge it first, in a pull request of its own',
  })
}

/** Policy and waivers of a data set check, of the base; the shipped policy where the base has none. */
export async function datasetGates(
  text: (path: string) => Promise<string | null>,
  named: { policy: string; waivers: string },
): Promise<{ policy: GatePolicyBody; waivers: WaiversBody | null }> {
  const shipped = join(home, 'gates/dataset.yaml')
  const policy = (await baseFile(text, named.policy, 'gates/dataset.yaml')) ?? {
    file: shipped,
    text: readText(shipped),
  }
  const waived = await baseFile(text, named.waivers, 'gates/waivers.yaml')
  return {
    policy: parseDeclared(gatePolicy, policy.text, policy.file),
    waivers: waived && parseDeclared(waivers, waived.text, waived.file),
  }
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { type GatePolicyBody, gatePolicy, type WaiversBody, waivers } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import type { Annotation, Forge } from '../ports.ts'
import { readText } from './files.ts'
import { home } from './tools.ts'

/** The pull request that this run is about; null for a push, a schedule or a run by hand. */
export type PullRequestEvent = { number: number; headSha: string; baseSha: string }

/** Reads the event of a run; what is not as GitHub writes it is refused, since the payload decides what is judged. */
export function pullRequestEvent(file = process.env.GITHUB_EVENT_PATH): PullRequestEvent | null {
  if (process.env.GITHUB_EVENT_NAME === 'pull_request_target') {
    throw new UsageError('this action does not run on pull_request_target: it would read a fork with your secrets', {
      mend: 'use pull_request',
    })
  }
  if (!file || !existsSync(file)) return null
  let event: { pull_request?: { number?: unknown; head?: { sha?: unknown }; base?: { sha?: unknown } } | null }
  try {
    event = JSON.parse(readText(file)) ?? {}
  } catch (cause) {
    throw new UsageError('the event is not JSON', { where: file, cause })
  }
  const pull = event.pull_request
  if (!pull) return null
  const sha = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value)
  const { number, head, base } = pull
  if (!Number.isSafeInteger(number) || (number as number) < 1 || !sha(head?.sha) || !sha(base?.sha)) {
    throw new UsageError('the event names no pull request with number, head and base', { where: file })
  }
  return { number: number as number, headSha: head?.sha as string, baseSha: base?.sha as string }
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

/** Writes check and comment; with a token that may only read, annotations and summary must do, and that is said. */
export async function report(
  forge: Forge | null,
  event: PullRequestEvent | null,
  input: Omit<Parameters<Forge['upsertCheck']>[0], 'sha'> & { comment: string; topic: string },
): Promise<void> {
  await core.summary.addRaw(input.comment, true).write()
  const { comment, topic, name, conclusion, title, summary, annotations } = input
  if (!forge || !event) return annotate(annotations)
  try {
    await forge.upsertCheck({ name, conclusion, title, summary, annotations, sha: event.headSha })
    await forge.upsertComment(event.number, topic, comment)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    core.warning(`${error.message}. ${error.mend ?? ''} The report is in the summary of this run.`)
    annotate(annotations)
  }
}

/** GitHub keeps ten annotations a level and step: the worst come first. */
function annotate(annotations: readonly Annotation[]): void {
  const write = { failure: core.error, warning: core.warning, notice: core.notice }
  for (const level of ['failure', 'warning', 'notice'] as const) {
    const some = annotations.filter((annotation) => annotation.level === level).slice(0, 10)
    for (const { path, line, message, title } of some) {
      write[level](message, { file: path, title, ...(line > 0 ? { startLine: line } : {}) })
    }
  }
}

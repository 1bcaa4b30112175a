import { canonicalJson, sha256 } from '../../core/documents/define.ts'
import type { Annotation, Forge } from '../../ports.ts'
import type { Client } from './client.ts'

const batch = 50
const longestSummary = 60_000

type Held = { id: number; digest: string; run: number; attempt: number; annotations: number; state: string }
type Input = Parameters<Forge['upsertCheck']>[0]

/**
 * One check a name and commit. Annotations can only be added, so the external id says which they are: the same ones
 * are continued where an earlier try stopped, others need a fresh check, and the newest of a name counts. It also says
 * of which run they are: an earlier run never speaks over a later one.
 */
export function upsertCheckWith(client: Client): Forge['upsertCheck'] {
  const { owner, repo } = client
  const newest = async (input: Input): Promise<Held | null> => {
    const runs = await client.read(`list the checks of ${input.sha}`, (octokit) =>
      octokit.paginate(octokit.rest.checks.listForRef, {
        owner,
        repo,
        ref: input.sha,
        check_name: input.name,
        per_page: 100,
      }),
    )
    const found = runs.sort((a, b) => b.id - a.id)[0]
    if (!found) return null
    const { title, summary, annotations_count } = found.output
    const state = stateOf(found.conclusion, title, summary)
    return { id: found.id, ...identityIn(found.external_id), annotations: annotations_count, state }
  }

  return async (input) => {
    const annotations = input.annotations.map(wire)
    const digest = sha256(canonicalJson(annotations)).slice(0, 32)
    const { run, attempt } = input.order ?? { run: 0, attempt: 1 }
    const named = { owner, repo, external_id: `sluice:${digest}:${run}.${attempt}` }
    const text = { title: input.title.slice(0, 250), summary: input.summary.slice(0, longestSummary) }
    const wanted = stateOf(input.conclusion, text.title, text.summary)
    // A check is green only when all of it has arrived.
    const ending = (sent: number) =>
      sent >= annotations.length
        ? ({ status: 'completed', conclusion: input.conclusion } as const)
        : ({ status: 'in_progress' } as const)
    // More annotations than there are were added by two runs at once: that check is left behind.
    const own = (held: Held | null) => (held?.digest === digest && held.annotations <= annotations.length ? held : null)
    const isDone = (held: Held, sent: number) =>
      held.annotations >= sent &&
      (sent < annotations.length || (held.state === wanted && held.run === run && held.attempt === attempt))

    const last = await newest(input)
    if (last && (last.run > run || (last.run === run && last.attempt > attempt))) return { id: last.id }
    const before = own(last)
    if (before && isDone(before, annotations.length)) return { id: before.id }
    const held =
      before ??
      (await client.create(
        'check.create',
        `report the check ${input.name}`,
        async (octokit): Promise<Held> => {
          const first = annotations.slice(0, batch)
          const output = { ...text, annotations: first }
          const about = { ...named, name: input.name, head_sha: input.sha }
          const { data } = await octokit.rest.checks.create({ ...about, ...ending(first.length), output })
          const state = first.length === annotations.length ? wanted : ''
          return { id: data.id, digest, run, attempt, annotations: first.length, state }
        },
        async () => own(await newest(input)),
      ))
    for (let sent = held.annotations, done = held !== before && isDone(held, annotations.length); !done; ) {
      const next = annotations.slice(sent, sent + batch)
      sent += next.length
      const change = { ...named, check_run_id: held.id, ...ending(sent), output: { ...text, annotations: next } }
      // Annotations sent twice would double: after an unclear answer it looks how far it got.
      await client.create(
        'check.add',
        `add to the check ${input.name}`,
        async (octokit) => {
          await octokit.rest.checks.update(change)
          return true
        },
        async () => {
          const now = own(await newest(input))
          return now && isDone(now, sent) ? true : null
        },
      )
      done = sent >= annotations.length
    }
    return { id: held.id }
  }
}

/** Which annotations a check has and of which run it is; another's check has neither. */
function identityIn(externalId: string | null) {
  const [, digest = '', run = '0', attempt = '0'] =
    /^sluice:([0-9a-f]{32})(?::(\d{1,15})\.(\d{1,6}))?$/.exec(externalId ?? '') ?? []
  return { digest, run: Number(run), attempt: Number(attempt) }
}

const stateOf = (conclusion: string | null, title: string | null, summary: string | null) =>
  sha256(canonicalJson([conclusion, title, summary]))

function wire({ path, line, level, message, title }: Annotation) {
  const at = Math.max(1, line)
  return {
    path,
    start_line: at,
    end_line: at,
    annotation_level: level,
    message: message.slice(0, 4000) || '(no message)',
    title: title.slice(0, 250),
  }
}

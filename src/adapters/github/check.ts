import { canonicalJson, sha256 } from '../../core/documents/define.ts'
import type { Annotation, Forge } from '../../ports.ts'
import type { Client } from './client.ts'

const batch = 50
const longestSummary = 60_000

type Run = { id: number; externalId: string | null; annotations: number; state: string }
type Input = Parameters<Forge['upsertCheck']>[0]

/**
 * One check a name and commit. Annotations can only be added, so the external id says which they are: the same ones
 * are continued where an earlier try stopped, others need a fresh run, and the newest of a name counts.
 */
export function upsertCheckWith(client: Client): Forge['upsertCheck'] {
  const { owner, repo } = client
  const find = async (input: Input, externalId: string): Promise<Run | null> => {
    const runs = await client.read(`list the checks of ${input.sha}`, (octokit) =>
      octokit.paginate(octokit.rest.checks.listForRef, {
        owner,
        repo,
        ref: input.sha,
        check_name: input.name,
        per_page: 100,
      }),
    )
    const newest = runs.sort((a, b) => b.id - a.id)[0]
    if (!newest || newest.external_id !== externalId) return null
    const { title, summary, annotations_count } = newest.output
    const state = stateOf(newest.conclusion, title, summary)
    return { id: newest.id, externalId: newest.external_id, annotations: annotations_count, state }
  }

  return async (input) => {
    const annotations = input.annotations.map(wire)
    const externalId = `sluice:${sha256(canonicalJson(annotations)).slice(0, 32)}`
    const summary = input.summary.slice(0, longestSummary)
    const text = { title: input.title.slice(0, 250), summary }
    const wanted = stateOf(input.conclusion, text.title, text.summary)
    // A check is green only when all of it has arrived.
    const ending = (sent: number) =>
      sent >= annotations.length
        ? ({ status: 'completed', conclusion: input.conclusion } as const)
        : ({ status: 'in_progress' } as const)

    let run = await find(input, externalId)
    if (run?.annotations === annotations.length && run.state === wanted) return { id: run.id }
    run ??= await client.create(
      `report the check ${input.name}`,
      async (octokit) => {
        const first = annotations.slice(0, batch)
        const output = { ...text, annotations: first }
        const named = { owner, repo, name: input.name, head_sha: input.sha, external_id: externalId }
        const { data } = await octokit.rest.checks.create({ ...named, ...ending(first.length), output })
        return {
          id: data.id,
          externalId,
          annotations: first.length,
          state: first.length === annotations.length ? wanted : '',
        }
      },
      () => find(input, externalId),
    )
    let sent = run.annotations
    while (sent < annotations.length || run.state !== wanted) {
      const next = annotations.slice(sent, sent + batch)
      sent += next.length
      run.state = sent >= annotations.length ? wanted : ''
      await updateOnce(client, input, externalId, run.id, sent, {
        ...ending(sent),
        output: { ...text, annotations: next },
      })
    }
    return { id: run.id }

    // Adding annotations twice would double them: an unclear answer is looked up before it is sent again.
    async function updateOnce(_: Client, about: Input, external: string, id: number, total: number, change: Change) {
      await client.create(
        `add to the check ${about.name}`,
        async (octokit) => {
          await octokit.rest.checks.update({ owner, repo, check_run_id: id, ...change })
          return true
        },
        async () => {
          const now = await find(about, external)
          return now && now.annotations >= total && (change.status !== 'completed' || now.state === wanted)
            ? true
            : null
        },
      )
    }
  }
}
type Change = {
  status: 'completed' | 'in_progress'
  conclusion?: Input['conclusion']
  output: { title: string; summary: string; annotations: ReturnType<typeof wire>[] }
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

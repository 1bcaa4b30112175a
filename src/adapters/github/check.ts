import { canonicalJson, sha256 } from '../../core/documents/define.ts'
import type { Annotation, CheckConclusion, Forge } from '../../ports.ts'
import type { Client } from './client.ts'

const batch = 50
const longestSummary = 60_000

type Order = { run: number; attempt: number }
type Output = { conclusion: string | null; title: string; summary: string }
type Held = Order & Output & { id: number; digest: string; annotations: number }
type Input = Parameters<Forge['upsertCheck']>[0]

/**
 * One check a name and commit. Annotations can only be added, so the external id says which they are: the same ones
 * are continued where an earlier try stopped, others need a fresh check, and the newest of a name counts. It also says
 * of which run they are: an earlier run never speaks over a later one. Where it did, because the later one began and
 * ended while it wrote, it says once more what the later one said.
 */
export function upsertCheckWith(client: Client): Forge['upsertCheck'] {
  const { owner, repo } = client
  /** All checks of the name, the one that counts first. */
  const listed = async (input: Input): Promise<Held[]> => {
    const at = { owner, repo, ref: input.sha, check_name: input.name, filter: 'all' as const, per_page: 100 }
    const runs = await client.read(`list the checks of ${input.sha}`, (octokit) =>
      octokit.paginate(octokit.rest.checks.listForRef, at),
    )
    return runs
      .sort((a, b) => b.id - a.id)
      .map(({ id, external_id, conclusion, output: { title, summary, annotations_count: annotations } }) => {
        const said = { conclusion, title: title ?? '', summary: summary ?? '' }
        return { id, ...identityIn(external_id), ...said, annotations }
      })
  }
  /** What a later run said before the check that counts, which is of an earlier one. */
  const spokenOver = (held: readonly Held[], order: Order): Held | null => {
    const [newest, ...before] = held
    const [latest] = before.filter((check) => isLater(check, order)).sort((a, b) => (isLater(a, b) ? -1 : 1))
    return newest && latest && isLater(latest, newest) ? latest : null
  }
  const sayAgain = async (input: Input, { id, run, attempt, title, summary, conclusion }: Held) => {
    const said = await client.read(`read the annotations of the check ${id}`, (octokit) =>
      octokit.paginate(octokit.rest.checks.listAnnotations, { owner, repo, check_run_id: id, per_page: 100 }),
    )
    const annotations = said.map((entry): Annotation => {
      const level = entry.annotation_level as Annotation['level']
      return { path: entry.path, line: entry.start_line, level, message: entry.message ?? '', title: entry.title ?? '' }
    })
    const order = { run, attempt }
    return say({ ...input, title, summary, annotations, order, conclusion: conclusion as CheckConclusion }, true)
  }

  const say = async (input: Input, isRepeated: boolean): Promise<{ id: number }> => {
    const annotations = input.annotations.map(wire)
    const digest = sha256(canonicalJson(annotations)).slice(0, 32)
    const order = input.order ?? { run: 0, attempt: 1 }
    const named = { owner, repo, external_id: `sluice:${digest}:${order.run}.${order.attempt}` }
    const text = { title: input.title.slice(0, 250), summary: input.summary.slice(0, longestSummary) }
    const wanted = { ...text, ...order, conclusion: input.conclusion }
    // A check is green only when all of it has arrived.
    const ending = (sent: number) =>
      sent >= annotations.length
        ? ({ status: 'completed', conclusion: input.conclusion } as const)
        : ({ status: 'in_progress' } as const)
    // Of this very run: what two runs changed in turn would end as the slower one has it.
    const isOwn = (held: Held | undefined): held is Held => held?.digest === digest && isSame(held, order)
    // More annotations than there are were added by two tries at once: that check is left behind.
    const isDoubled = (held: Held | undefined) => isOwn(held) && held.annotations > annotations.length
    const own = (held: Held | undefined) => (isOwn(held) && !isDoubled(held) ? held : null)
    const isDone = (held: Held, sent: number) =>
      held.annotations >= sent && (sent < annotations.length || same(held, wanted))

    const [last, ...earlier] = await listed(input)
    const over = last && spokenOver([last, ...earlier], order)
    if (over) return over.conclusion === null ? { id: over.id } : sayAgain(input, over)
    // What is said for another run is said by itself meanwhile, if that has begun.
    const isSaid = isRepeated && last && !isLater(order, last) && !isDoubled(last)
    if (last && (isLater(last, order) || isSaid)) return { id: last.id }
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
          const conclusion = first.length === annotations.length ? wanted.conclusion : null
          return { ...wanted, id: data.id, digest, annotations: first.length, conclusion }
        },
        async () => own((await listed(input))[0]),
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
          const now = own((await listed(input))[0])
          return now && isDone(now, sent) ? true : null
        },
      )
      done = sent >= annotations.length
    }
    const [newest, ...older] = await listed(input)
    const later = newest && spokenOver([newest, ...older], order)
    if (later?.conclusion) return sayAgain(input, later)
    // An earlier run began while this one wrote and saw that it has not ended: it leaves the last word to this one.
    const isSpokenOver = newest && isLater(order, newest) && older.some(({ id }) => id === held.id)
    // A list may be behind, and name a check that was left behind already.
    const wasDoubled = newest && newest.id >= held.id && isDoubled(newest)
    return isSpokenOver || wasDoubled ? say(input, isRepeated) : { id: held.id }
  }
  return (input) => say(input, false)
}

const isLater = (a: Order, b: Order) => a.run > b.run || (a.run === b.run && a.attempt > b.attempt)
const isSame = (a: Order, b: Order) => a.run === b.run && a.attempt === b.attempt
const same = (a: Output, b: Output) => a.conclusion === b.conclusion && a.title === b.title && a.summary === b.summary

/** Which annotations a check has and of which run it is; another's check has neither. */
function identityIn(externalId: string | null) {
  const [, digest = '', run = '0', attempt = '0'] =
    /^sluice:([0-9a-f]{32})(?::(\d{1,15})\.(\d{1,6}))?$/.exec(externalId ?? '') ?? []
  return { digest, run: Number(run), attempt: Number(attempt) }
}

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

import { UsageError } from '../../core/errors.ts'
import { fitComment } from '../../core/render/comment-size.ts'
import type { Forge } from '../../ports.ts'
import { type Client, type Octokit, statusOf } from './client.ts'

type Comment = { id: number; url: string; body: string; order: Order }
/** Of which run a comment is: the newest wins, whatever the order in which runs report. */
type Order = { run: number; attempt: number }

const markerOf = (topic: string, { run, attempt }: Order) =>
  run === 0 ? `<!-- sluice:${topic} -->` : `<!-- sluice:${topic} run=${run}.${attempt} -->`

/** The order that a first line names; null when it is no marker of this topic. */
function orderIn(topic: string, line: string | undefined): Order | null {
  const [, of, run = '0', attempt = '1'] =
    /^<!-- sluice:([a-z0-9-]+)(?: run=(\d{1,15})\.(\d{1,6}))? -->$/.exec(line ?? '') ?? []
  return of === topic ? { run: Number(run), attempt: Number(attempt) } : null
}

const isLater = (a: Order, b: Order) => a.run > b.run || (a.run === b.run && a.attempt > b.attempt)

/**
 * One comment a topic: found by its first line and our login, changed rather than repeated, never another's. Of doubles,
 * which two runs at once can make, the one of the newest run stays.
 */
export function upsertCommentWith(client: Client): Forge['upsertComment'] {
  const { owner, repo } = client
  const mine = async (issue: number, topic: string): Promise<Comment[]> => {
    const login = await client.author()
    const all = await client.read(`list the comments of #${issue}`, (octokit) =>
      octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: issue, per_page: 100 }),
    )
    return all
      .filter((comment) => comment.user?.login === login)
      .flatMap(({ id, html_url, body }) => {
        const order = orderIn(topic, firstLine(body))
        return order === null ? [] : { id, url: html_url, body: body ?? '', order }
      })
      .sort((a, b) => (isLater(a.order, b.order) ? -1 : isLater(b.order, a.order) ? 1 : a.id - b.id))
  }
  /** The one that stays; the others go. */
  const only = async ([first, ...doubles]: Comment[]): Promise<Comment | null> => {
    for (const { id } of doubles) {
      await client.put('comment.delete', `delete the double comment ${id}`, (octokit) =>
        octokit.rest.issues.deleteComment({ owner, repo, comment_id: id }).catch(unlessGone),
      )
    }
    return first ?? null
  }
  const create = async (issue: number, topic: string, body: string): Promise<Comment> => {
    const made = await client.create(
      'comment.create',
      `comment on #${issue}`,
      async (octokit) => {
        const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: issue, body })
        return { id: data.id, url: data.html_url, body, order: orderIn(topic, firstLine(body)) as Order }
      },
      async () => (await mine(issue, topic))[0] ?? null,
    )
    // Another run may have had the same idea meanwhile: a list that shows ours, or is past its removal, shows the other.
    const shown = await client.lookPatiently(async () => {
      const all = await mine(issue, topic)
      if (all.some(({ id }) => id === made.id)) return all
      const held = await client.read(`read the comment ${made.id}`, (octokit) => read(octokit, topic, made.id))
      return held === null ? all : null
    })
    return (await only(shown ?? [])) ?? made
  }
  /** The comment as it stands; null when another run has removed it. */
  const read = async (octokit: Octokit, topic: string, id: number): Promise<{ body: string; order: Order } | null> => {
    try {
      const { body = '' } = (await octokit.rest.issues.getComment({ owner, repo, comment_id: id })).data
      return { body, order: orderIn(topic, firstLine(body)) ?? { run: 0, attempt: 0 } }
    } catch (error) {
      unlessGone(error)
      return null
    }
  }
  /**
   * GitHub has no change on a condition: it is read just before, and again when what another run was sending has had
   * its time. Null when the comment is gone.
   */
  const change = async (id: number, topic: string, body: string, order: Order): Promise<boolean | null> => {
    for (let n = 1; n <= 3; n++) {
      const held = await client.put('comment.change', `change the comment ${id}`, async (octokit) => {
        const now = await read(octokit, topic, id)
        if (now === null || isLater(now.order, order) || same(now.body, body)) return now
        await octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body })
        return now
      })
      if (held === null) return null
      if (isLater(held.order, order) || same(held.body, body)) return true
      await client.pause()
    }
    return false
  }

  const upsert: Forge['upsertComment'] = async (pullRequest, topic, markdown, order = { run: 0, attempt: 1 }) => {
    if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(topic)) throw new UsageError(`${JSON.stringify(topic)} is no topic`)
    const body = `${markerOf(topic, order)}\n${fitComment(markdown)}`
    const held = await only(await mine(pullRequest, topic))
    const stays = held ?? (await create(pullRequest, topic, body))
    const isRight = isLater(stays.order, order) || same(stays.body, body)
    // Who removed it has put the newest one in its place.
    if (!isRight && (await change(stays.id, topic, body, order)) === null) {
      return upsert(pullRequest, topic, markdown, order)
    }
    return { id: stays.id, url: stays.url }
  }
  return upsert
}

function unlessGone(error: unknown): void {
  if (statusOf(error) !== 404) throw error
}

const firstLine = (body: string | undefined) => body?.split(/\r?\n/, 1)[0]?.trim()
/** GitHub may turn line ends around; that is no change. */
const same = (a: string, b: string) => a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim()

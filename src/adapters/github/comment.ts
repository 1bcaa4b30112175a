import { UsageError } from '../../core/errors.ts'
import { fitComment } from '../../core/render/comment-size.ts'
import type { Forge } from '../../ports.ts'
import type { Client } from './client.ts'

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

/** One comment a topic: found by its first line and our login, changed rather than repeated, never another's. */
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
      .sort((a, b) => a.id - b.id)
  }

  return async (pullRequest, topic, markdown, order = { run: 0, attempt: 1 }) => {
    if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(topic)) throw new UsageError(`${JSON.stringify(topic)} is no topic`)
    const body = `${markerOf(topic, order)}\n${fitComment(markdown)}`
    const [first, ...doubles] = await mine(pullRequest, topic)
    for (const double of doubles) {
      await client.put(`delete the double comment ${double.id}`, (octokit) =>
        octokit.rest.issues.deleteComment({ owner, repo, comment_id: double.id }),
      )
    }
    if (first && isLater(first.order, order)) return { id: first.id, url: first.url }
    if (first && same(first.body, body)) return { id: first.id, url: first.url }
    if (first) {
      const changed = await client.put(`change the comment ${first.id}`, (octokit) =>
        octokit.rest.issues.updateComment({ owner, repo, comment_id: first.id, body }),
      )
      return { id: changed.data.id, url: changed.data.html_url }
    }
    return await client.create(
      `comment on #${pullRequest}`,
      async (octokit) => {
        const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body })
        return { id: data.id, url: data.html_url }
      },
      async () => (await mine(pullRequest, topic)).map(({ id, url }) => ({ id, url }))[0] ?? null,
    )
  }
}

const firstLine = (body: string | undefined) => body?.split(/\r?\n/, 1)[0]?.trim()
/** GitHub may turn line ends around; that is no change. */
const same = (a: string, b: string) => a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim()

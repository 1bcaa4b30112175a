import { UsageError } from '../../core/errors.ts'
import { fitComment } from '../../core/render/comment-size.ts'
import type { Forge } from '../../ports.ts'
import type { Client } from './client.ts'

type Comment = { id: number; url: string; body: string }

/** One comment a topic: found by its first line and our login, changed rather than repeated, never another's. */
export function upsertCommentWith(client: Client): Forge['upsertComment'] {
  const { owner, repo } = client
  const mine = async (issue: number, marker: string): Promise<Comment[]> => {
    const login = await client.author()
    const all = await client.read(`list the comments of #${issue}`, (octokit) =>
      octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: issue, per_page: 100 }),
    )
    return all
      .filter((comment) => comment.user?.login === login && firstLine(comment.body) === marker)
      .map(({ id, html_url, body }) => ({ id, url: html_url, body: body ?? '' }))
      .sort((a, b) => a.id - b.id)
  }

  return async (pullRequest, topic, markdown) => {
    if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(topic)) throw new UsageError(`${JSON.stringify(topic)} is no topic`)
    const marker = `<!-- sluice:${topic} -->`
    const body = `${marker}\n${fitComment(markdown)}`
    const [first, ...doubles] = await mine(pullRequest, marker)
    for (const double of doubles) {
      await client.put(`delete the double comment ${double.id}`, (octokit) =>
        octokit.rest.issues.deleteComment({ owner, repo, comment_id: double.id }),
      )
    }
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
      async () => (await mine(pullRequest, marker)).map(({ id, url }) => ({ id, url }))[0] ?? null,
    )
  }
}

const firstLine = (body: string | undefined) => body?.split(/\r?\n/, 1)[0]?.trim()
/** GitHub may turn line ends around; that is no change. */
const same = (a: string, b: string) => a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim()

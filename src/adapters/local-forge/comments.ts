import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { userOf } from './shapes.ts'
import type { Comment } from './state.ts'

const longest = 65_536

function shapeOf(comment: Comment, context: Context): components['schemas']['issue-comment'] {
  return {
    id: comment.id,
    node_id: Buffer.from(`comment:${comment.id}`).toString('base64'),
    url: `${context.repo}/issues/comments/${comment.id}`,
    html_url: `${context.page}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${context.repo}/issues/${comment.issue}`,
    body: comment.body,
    user: userOf(comment.author, context.api),
    author_association: 'NONE',
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
  }
}

/** The body of a new or changed comment, or the reply that refuses it. */
function bodyOf(context: Context): { body: string } | { refusal: Reply } {
  const body = textOf(context.body.body)
  if (!body?.trim()) return { refusal: invalid('IssueComment', 'body', 'missing_field') }
  if (body.length <= longest) return { body }
  const message = `body is too long (maximum is ${longest} characters)`
  return {
    refusal: refuse(422, 'Validation Failed', [
      { resource: 'IssueComment', field: 'data', code: 'unprocessable', message },
    ]),
  }
}

function issueOf(context: Context): number | null {
  const number = Number(context.params[0])
  return context.state.pulls.some((pull) => pull.number === number) ? number : null
}
const find = (context: Context) => context.state.comments.find((comment) => comment.id === Number(context.params[0]))

function list(context: Context): Reply {
  const issue = issueOf(context)
  if (issue === null) return notFound()
  const shapes = context.state.comments.filter((comment) => comment.issue === issue).map((c) => shapeOf(c, context))
  return paged(context, `${context.repo}/issues/${issue}/comments`, shapes)
}

function create(context: Context): Reply {
  const issue = issueOf(context)
  if (issue === null) return notFound()
  const read = bodyOf(context)
  if ('refusal' in read) return read.refusal
  const { locked } = context.state.pulls.find(({ number }) => number === issue) ?? {}
  if (locked && !['write', 'admin'].includes(context.state.people[context.author] ?? '')) {
    return refuse(403, 'Unable to create comment because issue is locked.')
  }
  const at = context.now()
  const comment = { id: context.id(), issue, body: read.body, author: context.author, createdAt: at, updatedAt: at }
  context.state.comments.push(comment)
  const pull = { url: `${context.repo}/pulls/${issue}`, html_url: `${context.page}/pull/${issue}` }
  context.emit('issue_comment', {
    action: 'created',
    issue: { number: issue, pull_request: pull },
    comment: shapeOf(comment, context),
  })
  return created(shapeOf(comment, context))
}

function change(context: Context): Reply {
  const comment = find(context)
  if (!comment) return notFound()
  const read = bodyOf(context)
  if ('refusal' in read) return read.refusal
  Object.assign(comment, { body: read.body, updatedAt: context.now() })
  return ok(shapeOf(comment, context))
}

function remove(context: Context): Reply {
  const index = context.state.comments.findIndex((comment) => comment.id === Number(context.params[0]))
  if (index < 0) return notFound()
  context.state.comments.splice(index, 1)
  return { status: 204 }
}

export const commentRoutes: Route[] = [
  ['GET', /^\/issues\/(\d+)\/comments$/, list],
  ['POST', /^\/issues\/(\d+)\/comments$/, create],
  [
    'GET',
    /^\/issues\/comments\/(\d+)$/,
    (context) => {
      const comment = find(context)
      return comment ? ok(shapeOf(comment, context)) : notFound()
    },
  ],
  ['PATCH', /^\/issues\/comments\/(\d+)$/, change],
  ['DELETE', /^\/issues\/comments\/(\d+)$/, remove],
]

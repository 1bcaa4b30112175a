import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { commentShape, issueShape } from './issue-shape.ts'

const longest = 65_536

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

const issueOf = ({ state, params }: Context) => state.pulls.find(({ number }) => String(number) === params[0])
const find = (context: Context) => context.state.comments.find((comment) => comment.id === Number(context.params[0]))

function list(context: Context): Reply {
  const issue = issueOf(context)?.number
  if (issue === undefined) return notFound()
  const shapes = context.state.comments
    .filter((comment) => comment.issue === issue)
    .map((c) => commentShape(c, context))
  return paged(context, `${context.repo}/issues/${issue}/comments`, shapes)
}

function create(context: Context): Reply {
  const pull = issueOf(context)
  if (!pull) return notFound()
  const issue = pull.number
  const read = bodyOf(context)
  if ('refusal' in read) return read.refusal
  if (pull.locked && !['write', 'admin'].includes(context.state.people[context.author] ?? '')) {
    return refuse(403, 'Unable to create comment because issue is locked.')
  }
  const at = context.now()
  const comment = { id: context.id(), issue, body: read.body, author: context.author, createdAt: at, updatedAt: at }
  context.state.comments.push(comment)
  const told = { issue: issueShape(pull, context), comment: commentShape(comment, context) }
  context.emit('issue_comment', { action: 'created', ...told })
  return created(commentShape(comment, context))
}

function change(context: Context): Reply {
  const comment = find(context)
  if (!comment) return notFound()
  const read = bodyOf(context)
  if ('refusal' in read) return read.refusal
  Object.assign(comment, { body: read.body, updatedAt: context.now() })
  return ok(commentShape(comment, context))
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
      return comment ? ok(commentShape(comment, context)) : notFound()
    },
  ],
  ['PATCH', /^\/issues\/comments\/(\d+)$/, change],
  ['DELETE', /^\/issues\/comments\/(\d+)$/, remove],
]

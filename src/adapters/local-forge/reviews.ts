import type { components } from '@octokit/openapi-types'
import { type Context, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { headOf } from './pull-shape.ts'
import { associationOf, userOf } from './shapes.ts'
import type { Review } from './state.ts'

const states: Record<string, string> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
}

function shapeOf(review: Review, context: Context) {
  const page = `${context.page}/pull/${review.pull}#pullrequestreview-${review.id}`
  const pull = `${context.repo}/pulls/${review.pull}`
  return {
    id: review.id,
    node_id: Buffer.from(`review:${review.id}`).toString('base64'),
    user: userOf(review.author, context.api),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pull,
    _links: { html: { href: page }, pull_request: { href: pull } },
    submitted_at: review.at,
    commit_id: review.commit,
    author_association: associationOf(review.author, context),
  } satisfies components['schemas']['pull-request-review']
}

async function submit(context: Context): Promise<Reply> {
  const pull = context.state.pulls.find(({ number }) => String(number) === context.params[0])
  if (!pull) return notFound()
  const state = states[textOf(context.body.event) ?? '']
  if (!state) return invalid('PullRequestReview', 'event', 'invalid')
  if (state === 'APPROVED' && pull.author === context.author) {
    return refuse(422, 'Unprocessable Entity', ['Can not approve your own pull request'])
  }
  const commit = textOf(context.body.commit_id) ?? (await headOf(context, pull)) ?? ''
  const review: Review = {
    id: context.id(),
    pull: pull.number,
    author: context.author,
    state,
    commit,
    at: context.now(),
    body: textOf(context.body.body) ?? '',
  }
  context.state.reviews.push(review)
  return ok(shapeOf(review, context))
}

function list(context: Context): Reply {
  const number = Number(context.params[0])
  if (!context.state.pulls.some((pull) => pull.number === number)) return notFound()
  const found = context.state.reviews.filter(({ pull }) => pull === number)
  return paged(
    context,
    `${context.repo}/pulls/${number}/reviews`,
    found.map((review) => shapeOf(review, context)),
  )
}

function permission(context: Context): Reply {
  const login = decodeURIComponent(context.params[0] as string)
  const held = context.state.people[login] ?? 'none'
  return ok({
    permission: held,
    role_name: held,
    user: { ...userOf(login, context.api), permissions: permissionsOf(held), role_name: held },
  })
}

function permissionsOf(held: string) {
  const ranks = ['none', 'read', 'write', 'admin']
  const at = (least: string) => ranks.indexOf(held) >= ranks.indexOf(least)
  return { pull: at('read'), triage: at('write'), push: at('write'), maintain: at('admin'), admin: at('admin') }
}

export const reviewRoutes: Route[] = [
  ['POST', /^\/pulls\/(\d+)\/reviews$/, submit],
  ['GET', /^\/pulls\/(\d+)\/reviews$/, list],
  ['GET', /^\/collaborators\/([^/]+)\/permission$/, permission],
]

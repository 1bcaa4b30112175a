import type { components } from '@octokit/openapi-types'
import type { Context } from './http.ts'
import { associationOf, userOf } from './shapes.ts'
import type { Comment, Pull } from './state.ts'

/** Nobody reacts to anything here. */
const reactions = (url: string) => ({
  url: `${url}/reactions`,
  total_count: 0,
  '+1': 0,
  '-1': 0,
  laugh: 0,
  hooray: 0,
  confused: 0,
  heart: 0,
  rocket: 0,
  eyes: 0,
})

/** A comment of the talk below a proposal. */
export function commentShape(comment: Comment, context: Context) {
  const url = `${context.repo}/issues/comments/${comment.id}`
  return {
    id: comment.id,
    node_id: Buffer.from(`comment:${comment.id}`).toString('base64'),
    url,
    html_url: `${context.page}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${context.repo}/issues/${comment.issue}`,
    body: comment.body,
    user: userOf(comment.author, context.api),
    author_association: associationOf(comment.author, context),
    performed_via_github_app: null,
    reactions: reactions(url),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
  } satisfies components['schemas']['issue-comment']
}

/** A proposal as the issue that its comments belong to. */
export function issueShape(pull: Pull, context: Context) {
  const url = `${context.repo}/issues/${pull.number}`
  const page = `${context.page}/pull/${pull.number}`
  return {
    id: pull.id,
    node_id: Buffer.from(`issue:${pull.id}`).toString('base64'),
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    state_reason: null,
    locked: pull.locked ?? false,
    active_lock_reason: null,
    draft: pull.draft,
    user: userOf(pull.author, context.api),
    author_association: associationOf(pull.author, context),
    assignee: null,
    assignees: [],
    labels: [],
    milestone: null,
    performed_via_github_app: null,
    comments: context.state.comments.filter(({ issue }) => issue === pull.number).length,
    reactions: reactions(url),
    url,
    html_url: page,
    repository_url: context.repo,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    pull_request: {
      url: `${context.repo}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.merged?.at ?? null,
    },
  } satisfies components['schemas']['issue']
}

import type { components } from '@octokit/openapi-types'
import type { Context } from './http.ts'
import { unmetChecks } from './protection.ts'
import { repositoryOf } from './repository-shape.ts'
import { associationOf, userOf } from './shapes.ts'
import type { Pull } from './state.ts'

type Whole = components['schemas']['pull-request']
type End = Whole['head']

/** Commit of a proposal's head now: of a branch here, or of a fork's. */
export const headOf = ({ git }: Pick<Context, 'git'>, { head, fork }: Pick<Pull, 'head' | 'fork'>) =>
  fork === null ? git.branchOf(head) : git.commitOf(`refs/forks/${fork}/${head}`)

/** Commits at both ends: those of the merge when there was one, else as they are now. */
async function endsOf(pull: Pull, context: Context): Promise<{ headSha: string; baseSha: string }> {
  const headSha = pull.merged?.headSha ?? pull.closedSha ?? (await headOf(context, pull)) ?? ''
  const baseSha = pull.merged?.baseSha ?? (await context.git.branchOf(pull.base)) ?? ''
  return { headSha, baseSha }
}

/** A proposal as lists show it. */
export async function listedShape(pull: Pull, context: Context) {
  const { headSha, baseSha } = await endsOf(pull, context)
  const url = `${context.repo}/pulls/${pull.number}`
  const issue = `${context.repo}/issues/${pull.number}`
  const page = `${context.page}/pull/${pull.number}`
  const end = (ref: string, sha: string, owner: string): End => ({
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: userOf(owner, context.api),
    repo: repositoryOf(context, `${owner}/${context.name}`),
  })
  const comment = `${context.repo}/pulls/comments{/number}`
  const statuses = `${context.repo}/statuses/${headSha}`
  return {
    id: pull.id,
    node_id: Buffer.from(`pull:${pull.id}`).toString('base64'),
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    locked: pull.locked ?? false,
    active_lock_reason: null,
    draft: pull.draft ?? false,
    user: userOf(pull.author, context.api),
    author_association: associationOf(pull.author, context),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    auto_merge: null,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: comment,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.commit ?? null,
    head: end(pull.head, headSha, pull.fork ?? context.owner),
    base: end(pull.base, baseSha, context.owner),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: comment },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
  } satisfies components['schemas']['pull-request-simple']
}

/** A proposal whole, as its own call and its events show it. */
export async function shapeOf(pull: Pull, context: Context): Promise<Whole> {
  const listed = await listedShape(pull, context)
  const [head, base] = [listed.head.sha, listed.base.sha]
  const tree = pull.merged || pull.state === 'closed' ? null : await context.git.mergeTree(base, head)
  const blocked = tree !== null && unmetChecks(context.state, pull.base, head).length > 0
  const mergeable = pull.merged || pull.state === 'closed' ? null : tree !== null
  return {
    ...listed,
    merged: pull.merged !== null,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: pull.merged ? 'unknown' : tree === null ? 'dirty' : blocked ? 'blocked' : 'clean',
    merged_by: pull.merged ? userOf(pull.merged.by ?? pull.author, context.api) : null,
    comments: context.state.comments.filter(({ issue }) => issue === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: pull.fork !== null,
    ...(await countsOf(context, base, head)),
  }
}

type Counts = Pick<Whole, 'commits' | 'additions' | 'deletions' | 'changed_files'>
const known = new WeakMap<object, Map<string, Promise<Counts>>>()

/** How much two commits differ, which is asked often and never changes. */
function countsOf({ git }: Context, base: string, head: string): Promise<Counts> {
  const held = known.get(git) ?? new Map<string, Promise<Counts>>()
  known.set(git, held)
  const found = held.get(`${base} ${head}`) ?? count({ git }, base, head)
  held.set(`${base} ${head}`, found)
  return found
}

async function count({ git }: Pick<Context, 'git'>, base: string, head: string): Promise<Counts> {
  const from = await git.mergeBase(base, head)
  const files = from ? await git.files(from, head) : []
  const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + file[key], 0)
  const commits = from ? (await commitsBetween({ git }, from, head)).length : 0
  return { commits, additions: sum('additions'), deletions: sum('deletions'), changed_files: files.length }
}

const mostCommits = 250

/** Commits that `to` has and `from` has not, along first parents, oldest first; the newest 250 at most. */
export async function commitsBetween({ git }: Pick<Context, 'git'>, from: string, to: string): Promise<string[]> {
  const found: string[] = []
  for (let at: string | undefined = to; at && at !== from && found.length < mostCommits; ) {
    found.unshift(at)
    at = (await git.readCommit(at)).parents[0]
  }
  return found
}

import { shortCommit } from './commit-shape.ts'
import type { Context } from './http.ts'
import { commitsBetween, headOf, shapeOf } from './pull-shape.ts'

type Push = { ref: string; before: string; after: string }

const isNone = (sha: string) => /^0+$/.test(sha)
const mostCommits = 20

/** Tells of a push alone, as a merge causes one. */
export async function emitPush(context: Context, { ref, before, after }: Push): Promise<void> {
  const { git, state, page, author } = context
  state.pushedAt = context.now()
  const [created, deleted] = [isNone(before), isNone(after)]
  const commit = deleted ? null : await git.commitOf(after)
  const from = created || !commit ? null : await git.mergeBase(before, commit)
  const shas = commit ? (created ? [commit] : await commitsBetween(context, before, commit)) : []
  const all = await Promise.all(shas.slice(-mostCommits).map((sha) => pushed(sha, context)))
  context.emit('push', {
    ref,
    before,
    after,
    created,
    deleted,
    forced: !created && !deleted && from !== before,
    base_ref: null,
    compare: deleted
      ? `${page}/compare/${before.slice(0, 12)}`
      : `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    // A tag brings no commits of its own.
    commits: ref.startsWith('refs/tags/') ? [] : all,
    head_commit: all.at(-1) ?? null,
    pusher: { name: author, email: `${author}@users.noreply.localhost` },
  })
}

async function pushed(sha: string, context: Context) {
  const { git, page } = context
  const [parent] = (await git.readCommit(sha)).parents
  const files = parent ? await git.files(parent, sha) : []
  const named = (wanted: string) => files.filter(({ status }) => status === wanted).map(({ path }) => path)
  return {
    ...(await shortCommit(sha, context)),
    url: `${page}/commit/${sha}`,
    distinct: true,
    added: named('added'),
    modified: named('modified'),
    removed: named('removed'),
  }
}

/** Tells of a push, and of every open proposal whose head it moved. */
export async function tellPush(context: Context, { ref, before, after }: Push): Promise<void> {
  await emitPush(context, { ref, before, after })
  for (const pull of context.state.pulls) {
    const own = pull.fork === null ? `refs/heads/${pull.head}` : `refs/forks/${pull.fork}/${pull.head}`
    if (pull.state !== 'open' || own !== ref || isNone(after) || (await headOf(context, pull)) !== after) continue
    pull.updatedAt = context.now()
    context.emit('pull_request', {
      action: 'synchronize',
      number: pull.number,
      before,
      after,
      pull_request: await shapeOf(pull, context),
    })
  }
}

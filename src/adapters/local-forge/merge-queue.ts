import type { components } from '@octokit/openapi-types'
import { shortCommit } from './commit-shape.ts'
import type { Context } from './http.ts'
import { unmetChecks } from './protection.ts'
import { headOf, shapeOf } from './pull-shape.ts'
import { emitPush } from './pushes.ts'
import { byForge } from './repository.ts'
import type { Pull, Queued } from './state.ts'

/**
 * Puts a proposal into the merge queue, as its button does: refused while it is not mergeable or its own required checks
 * are not green. Its group is the branch's newest commit with everything that waits before it, and the proposal on top.
 */
export async function enqueue(context: Context, number: number): Promise<{ refused: string } | Queued> {
  const { state } = context
  const pull = state.pulls.find((entry) => entry.number === number)
  const headSha = pull && (await headOf(context, pull))
  if (!pull || !headSha || pull.state !== 'open') return { refused: 'Pull request is not open' }
  const held = state.queue.find((entry) => entry.pull === number)
  if (held) return held
  const [unmet] = unmetChecks(state, pull.base, headSha)
  if (unmet) return { refused: `Required status check "${unmet.name}" is ${unmet.why}.` }
  const queued = await groupFor(context, pull, headSha)
  if (queued === null) return { refused: 'Pull request is not mergeable' }
  state.queue.push(queued)
  await tell(context, 'checks_requested', queued)
  return queued
}

/**
 * What the checks of the first in the queue have come to: all green, and its branch moves to the very commit that was
 * judged; one failed, or the branch moved, and it leaves, and those behind it are grouped anew. Asked after every check.
 */
export async function settleQueue(context: Context): Promise<void> {
  const { state, git } = context
  for (let first = state.queue[0]; first !== undefined; first = state.queue[0]) {
    const pull = state.pulls.find((entry) => entry.number === first?.pull) as Pull
    const headSha = await headOf(context, pull)
    const unmet = unmetChecks(state, pull.base, first.head)
    const moved = pull.state !== 'open' || headSha !== first.pullHead
    if (!moved && unmet.some(({ why }) => why !== 'failing') && !unmet.some(({ why }) => why === 'failing')) return
    state.queue.shift()
    const from = first.base
    const lands = !moved && unmet.length === 0 && (await git.advance(pull.base, from, first.head)) === 'done'
    await git.deleteRef(first.ref)
    await tell(context, 'destroyed', first, lands ? 'merged' : 'invalidated')
    if (lands) {
      const at = context.now()
      pull.merged = { commit: first.head, headSha: first.pullHead, baseSha: from, at, by: context.author }
      Object.assign(pull, { state: 'closed', closedAt: at, updatedAt: at })
      await emitPush(context, { ref: `refs/heads/${pull.base}`, before: from, after: first.head })
      const shape = await shapeOf(pull, context)
      context.emit('pull_request', { action: 'closed', number: pull.number, pull_request: shape })
    } else await regroup(context)
  }
}

/** Everything that waits, on top of the branch as it is now; what conflicts with it leaves. */
async function regroup(context: Context): Promise<void> {
  const waiting = context.state.queue.splice(0)
  for (const old of waiting) {
    await context.git.deleteRef(old.ref)
    await tell(context, 'destroyed', old, 'invalidated')
    const pull = context.state.pulls.find((entry) => entry.number === old.pull) as Pull
    const next = await groupFor(context, pull, old.pullHead)
    if (next === null) continue
    context.state.queue.push(next)
    await tell(context, 'checks_requested', next)
  }
}

async function groupFor(context: Context, pull: Pull, pullHead: string): Promise<Queued | null> {
  const { git, state } = context
  const base = state.queue.findLast((entry) => entry.branch === pull.base)?.head ?? (await git.branchOf(pull.base))
  const tree = base ? await git.mergeTree(base, pullHead) : null
  if (!base || tree === null) return null
  const message = `Merge pull request #${pull.number} from ${context.owner}/${pull.head}\n\n${pull.title}\n`
  const head = await git.commitTree(tree, [base, pullHead], message, byForge(context.now()))
  const ref = `refs/heads/gh-readonly-queue/${pull.base}/pr-${pull.number}-${base}`
  await git.createRef(ref, head)
  return { pull: pull.number, pullHead, branch: pull.base, base, head, ref }
}

async function tell(context: Context, action: string, { head, base, branch, ref }: Queued, reason?: string) {
  const merge_group: components['schemas']['merge-group'] = {
    head_sha: head,
    head_ref: ref,
    base_sha: base,
    base_ref: `refs/heads/${branch}`,
    head_commit: await shortCommit(head, context),
  }
  context.emit('merge_group', { action, ...(reason ? { reason } : {}), merge_group })
}

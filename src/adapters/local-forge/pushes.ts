import type { Context } from './http.ts'
import { headOf, shapeOf } from './pulls.ts'

type Push = { ref: string; before: string; after: string }

/** Tells of a push, and of every open proposal whose head it moved. */
export async function tellPush(context: Context, { ref, before, after }: Push): Promise<void> {
  const deleted = /^0+$/.test(after)
  context.emit('push', { ref, before, after, created: /^0+$/.test(before), deleted })
  for (const pull of context.state.pulls) {
    const own = pull.fork === null ? `refs/heads/${pull.head}` : `refs/forks/${pull.fork}/${pull.head}`
    if (pull.state !== 'open' || own !== ref || deleted || (await headOf(context, pull)) !== after) continue
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

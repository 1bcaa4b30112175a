import { commandOf } from '../core/judge/comment-command.ts'
import type { Forge } from '../ports.ts'

export type Obeyed = { started: string[]; denied: boolean; says: string }

/** Starts what a comment on a pull request asks for; who may, is asked from the forge and not read from the event. */
export async function obeyComment(
  forge: Pick<Forge, 'mayWrite' | 'pullRequest' | 'runs' | 'dispatch'>,
  /** `at`: when it was written, RFC 3339. */
  comment: { pullRequest: number; author: string; body: string; at: string },
  defaultBranch: string,
): Promise<Obeyed> {
  const command = commandOf(comment.body)
  if (command === null) return { started: [], denied: false, says: 'There is no command in this comment.' }
  const refuse = (says: string): Obeyed => ({ started: [], denied: true, says })
  if (!(await forge.mayWrite(comment.author))) {
    return refuse(`${comment.author} may not give commands: somebody with write access to the repository may.`)
  }
  if (command.verb === 'unknown') return refuse(command.says)
  const pull = await forge.pullRequest(comment.pullRequest)
  if (pull.state !== 'open') return refuse(`#${pull.number} is closed.`)
  const about = { 'pull-request': String(pull.number) }
  const started = [{ retry: 'dataset-pr.yml', train: 'train.yml', accept: 'propose.yml' }[command.verb]]
  // A repository that has it has runs of it: every proposal starts one.
  if (command.verb === 'retry' && (await forge.runs('promotion-pr.yml')).length > 0) started.push('promotion-pr.yml')
  const inputs =
    command.verb === 'accept'
      ? { ...about, verdict: command.verdict, reason: command.reason, owner: comment.author, at: comment.at }
      : { ...about, 'head-sha': pull.head.sha }
  for (const workflow of started) await forge.dispatch(workflow, defaultBranch, inputs)
  return { started, denied: false, says: `Started for ${pull.head.sha.slice(0, 12)}: ${started.join(', ')}.` }
}

import { type Command, commandOf } from '../core/judge/comment-command.ts'
import { titleOfRun } from '../core/judge/run-report.ts'
import type { Forge, PullRequest } from '../ports.ts'

export type Obeyed = { started: string[]; denied: boolean; says: string }

/** Starts what a comment on a pull request asks for; who may, is asked from the forge and not read from the event. */
export async function obeyComment(
  forge: Pick<Forge, 'mayWrite' | 'pullRequest' | 'runs' | 'dispatch'>,
  /** `at`: when it was written, RFC 3339; `retried`: an earlier try of the same job may have obeyed it. */
  comment: { pullRequest: number; author: string; body: string; at: string; retried: boolean },
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
  const commit = pull.head.sha.slice(0, 12)
  const { at: since, retried } = comment
  const started: string[] = []
  for (const asked of await askedBy(forge, command, comment, pull)) {
    if (await forge.dispatch({ ...asked, branch: defaultBranch, since, retried })) started.push(asked.workflow)
  }
  return started.length > 0
    ? { started, denied: false, says: `Started for ${commit}: ${started.join(', ')}.` }
    : { started, denied: false, says: `What this comment asks for was started for ${commit} already.` }
}

/** The runs that a command asks for; its title, which the workflow gives it, finds one again. */
async function askedBy(
  forge: Pick<Forge, 'runs'>,
  command: Exclude<Command, { verb: 'unknown' }>,
  { author: owner, at }: { author: string; at: string },
  { number, head }: PullRequest,
) {
  const about = { 'pull-request': String(number) }
  if (command.verb === 'accept') {
    const { verdict, reason } = command
    const inputs = { ...about, verdict, reason, owner, at }
    return [{ workflow: 'propose.yml', title: `Propose to accept ${verdict} for #${number}`, inputs }]
  }
  const run = (workflow: string, name: string) => {
    const inputs = { ...about, 'head-sha': head.sha }
    return { workflow, title: titleOfRun(name, number, head.sha), inputs }
  }
  if (command.verb === 'train') return [run('train.yml', 'Train')]
  // A repository that has it has runs of it: every proposal starts one.
  const isPromoting = (await forge.runs('promotion-pr.yml')).length > 0
  return [run('dataset-pr.yml', 'Data set'), ...(isPromoting ? [run('promotion-pr.yml', 'Promotion')] : [])]
}

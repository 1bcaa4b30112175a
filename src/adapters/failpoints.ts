import { UsageError } from '../core/errors.ts'

/**
 * Every write outside this process, by name; docs/reliability.md says of each what a later run does when this one was
 * cut off there.
 */
export const writes = [
  'comment.create',
  'comment.change',
  'comment.delete',
  'check.create',
  'check.add',
  'tree.blob',
  'tree.create',
  'commit.create',
  'branch.create',
  'branch.advance',
  'pull.open',
  'pull.merge',
  'tag.object',
  'tag.ref',
  'draft.create',
  'draft.delete',
  'asset.upload',
  'asset.delete',
  'release.publish',
  'run.dispatch',
  'traffic.challenger',
  'traffic.weight',
  'rollout.state',
  'git.branch',
  'git.commit',
  'git.tag',
] as const
export type Write = (typeof writes)[number]
/** A place just before or just after a write. */
export type Failpoint = `${Write}.${'before' | 'after'}`
export const failpoints: readonly Failpoint[] = writes.flatMap((write) => [
  `${write}.before` as const,
  `${write}.after` as const,
])

type Hook = (name: Failpoint) => void | Promise<void>
const hook: Hook | null = hookOf(process.env.SLUICE_FAILPOINT)

/** Nothing, unless a test has armed the place: then the process ends here in the way that the test chose. */
export function failpoint(name: Failpoint): void | Promise<void> {
  return hook === null ? undefined : hook(name)
}

/** SLUICE_FAILPOINT is `name[:n][:kill|term|throw]`: the n-th time that the place is met (1), by SIGKILL unless told. */
function hookOf(wanted: string | undefined): Hook | null {
  if (!wanted) return null
  const [name = '', ...rest] = wanted.split(':')
  const way = rest.find((word) => /^(kill|term|throw)$/.test(word)) ?? 'kill'
  let left = Number(rest.find((word) => /^\d+$/.test(word)) ?? 1)
  if (!failpoints.includes(name as Failpoint)) {
    throw new UsageError(`SLUICE_FAILPOINT names no failpoint: ${JSON.stringify(name)}`, {
      mend: 'leave the variable out; it is for tests alone',
    })
  }
  return async (met) => {
    if (met !== name || --left !== 0) return
    if (way === 'throw') throw new Error(`failpoint ${name}`)
    process.kill(process.pid, way === 'term' ? 'SIGTERM' : 'SIGKILL')
    // The signal ends the process while it waits here.
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  }
}

import { type SimpleGit, simpleGit } from 'simple-git'
import { UsageError } from '../core/errors.ts'
import { failed, gitEnvironment } from './git-environment.ts'

/** Who commits; `date` (RFC 3339) fixes the time of every commit, so that the same content gives the same commit. */
export type GitOptions = { name?: string; email?: string; date?: string }

/** git in a folder, with our identity, quiet and deaf to hooks; variables that redirect git are dropped. */
export function gitIn(
  root: string,
  { name = 'sluice', email = 'sluice@localhost', date }: GitOptions,
  more: Record<string, string> = {},
): SimpleGit {
  const who = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, name],
      [`GIT_${role}_EMAIL`, email],
      ...(date === undefined ? [] : [[`GIT_${role}_DATE`, `${seconds(date)} +0000`]]),
    ]),
  )
  const env = { ...gitEnvironment(), ...who, ...more }
  const config = ['core.hooksPath=/dev/null', 'commit.gpgSign=false', 'tag.gpgSign=false', 'core.autocrlf=false']
  config.push('core.fsmonitor=false', 'core.quotePath=false', 'merge.renames=true', 'advice.detachedHead=false')
  const unsafe = {
    allowUnsafeHooksPath: true,
    allowUnsafeFsMonitor: true,
    allowUnsafeTemplateDir: true,
    allowUnsafeConfigEnvCount: true,
  }
  const allowEnvironment = Object.keys(env)
  return simpleGit({ baseDir: root, config, unsafe, allowEnvironment, errors, trimmed: false }).env(env)
}

/** Any exit code but 0 is an error; the library's own rule also wants text on stderr. */
function errors(error: Buffer | Error | undefined, result: { exitCode: number; stdOut: Buffer[]; stdErr: Buffer[] }) {
  if (result.exitCode === 0) return undefined
  return error ?? Buffer.concat([...result.stdErr, ...result.stdOut])
}

export async function attempt(git: SimpleGit, args: string[]): Promise<string> {
  try {
    return await git.raw(args)
  } catch (cause) {
    throw failed(args, cause)
  }
}

/** A name git takes for a new branch or tag and no option; UsageError otherwise. */
export function refName(name: string): string {
  const bad = /^[-.]|^@$|[\p{Cc} ~^:?*[\]\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$/u.test(name) || name === ''
  if (bad)
    throw new UsageError(`${JSON.stringify(name)} is no name for a branch or tag`, { mend: 'see git check-ref-format' })
  return name
}

export function seconds(date: string): number {
  const time = Date.parse(date)
  if (Number.isNaN(time))
    throw new UsageError(`${JSON.stringify(date)} is no date`, { mend: 'write it as 2026-11-22T10:00:00Z' })
  return Math.floor(time / 1000)
}

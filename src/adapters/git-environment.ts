import { withoutSecrets } from '../core/documents/printable.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import { secretsOf } from './secrets.ts'

// Variables of a surrounding git hook or of the user's shell that would redirect git or start a program.
const foreign = /^(GIT_.*|EDITOR|VISUAL|PAGER|LESS.*|SSH_ASKPASS|PREFIX)$/

/** Our environment without what redirects git; no prompts, messages in English. */
export function gitEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([key]) => !foreign.test(key))
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}

export const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** A git command's failure as one of our errors. */
export function failed(args: string[], cause: unknown): Error {
  const shown = (text: string) => withoutSecrets(text, secretsOf())
  const tail = shown(messageOf(cause).trim())
  const command = shown(`git ${args.slice(0, 4).join(' ')}`)
  if (/not a git repository|git diff --no-index/i.test(tail)) {
    return new UsageError('this is not a git repository', { mend: 'run it inside one, or git init', cause })
  }
  if (/ENOENT.*git|spawn git/i.test(tail))
    return new ToolError('git is not installed', { mend: 'install git', command, cause })
  const locked = /\.lock': File exists/.test(tail)
  const mend = locked ? 'another git runs here, or one was killed: when none runs, remove the lock file' : undefined
  return new ToolError('git failed', { command, tail, mend, cause })
}

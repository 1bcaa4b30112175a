import { stripVTControlCharacters } from 'node:util'
import { printable } from '../core/documents/printable.ts'
import { EvidenceError, exitCodeOf, exitCodes, ToolError, UsageError } from '../core/errors.ts'
import type { Console } from '../ports.ts'
import { sourceStack } from './source-stack.ts'

/** Prints what went wrong, where and the way out; returns the exit code. Only our own bugs show a stack. */
export function explain(error: unknown, console: Console): number {
  const code = exitCodeOf(error)
  if (code === exitCodes.bug || !(error instanceof Error)) {
    console.log(
      `sluice: this is a bug in sluice, please report it\n${error instanceof Error ? sourceStack(error.stack ?? error.message) : String(error)}`,
    )
    return exitCodes.bug
  }
  const where = error instanceof UsageError || error instanceof EvidenceError ? error.where : undefined
  // Messages quote foreign data: no control character of it reaches the terminal, no line of it starts a line.
  const said = lines(error.message, '  | ').slice('  | '.length)
  console.log(`sluice: ${where ? `${printable(where)}: ` : ''}${said}`)
  if (error instanceof ToolError) {
    if (error.command) console.log(`  command: ${printable(error.command)}`)
    if (error.tail) console.log(lines(error.tail, '  | '))
  }
  const mend = (error as { mend?: string }).mend
  if (mend) console.log(`  to mend it: ${printable(mend)}`)
  return code
}

/** Lines of foreign text, colours of programs left out. */
function lines(text: string, before: string): string {
  return stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => `${before}${printable(line)}`)
    .join('\n')
}

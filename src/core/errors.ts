/** What the user gave is wrong: says what, where and how to mend it. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
  readonly where: string | undefined
  readonly mend: string | undefined
  constructor(what: string, detail: { where?: string; mend?: string; cause?: unknown } = {}) {
    super(what, { cause: detail.cause })
    this.where = detail.where
    this.mend = detail.mend
  }
}

/** Evidence that is malformed (exit 2), or absent or about another subject (exit 3). */
export class EvidenceError extends Error {
  override name = 'EvidenceError'
  readonly reason: 'malformed' | 'absent' | 'other-subject'
  readonly where: string | undefined
  readonly mend: string | undefined
  constructor(
    what: string,
    detail: { reason: 'malformed' | 'absent' | 'other-subject'; where?: string; mend?: string; cause?: unknown },
  ) {
    super(what, { cause: detail.cause })
    this.reason = detail.reason
    this.where = detail.where
    this.mend = detail.mend
  }
}

/** A tool, a remote or the network failed; running again is safe. Exit code 4. */
export class ToolError extends Error {
  override name = 'ToolError'
  readonly command: string | undefined
  readonly mend: string | undefined
  readonly tail: string | undefined
  constructor(what: string, detail: { command?: string; mend?: string; tail?: string; cause?: unknown } = {}) {
    super(what, { cause: detail.cause })
    this.command = detail.command
    this.mend = detail.mend
    this.tail = detail.tail
  }
}

/** An artefact cannot be run here: its tool is missing, or it was built for another machine. Missing evidence, no fault. */
export class NotRunnableError extends ToolError {
  override name = 'NotRunnableError'
}

/** Objects of a data set cannot be had here: no access, no network. Missing evidence, no fault of the data. */
export class UnavailableError extends ToolError {
  override name = 'UnavailableError'
}

/** Our own mistake; the only error that is shown with a stack trace. Exit code 5. */
export class BugError extends Error {
  override name = 'BugError'
}

export const exitCodes = { pass: 0, fail: 1, usage: 2, inconclusive: 3, tool: 4, bug: 5 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit code of an error; anything that is not one of ours is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage
  if (error instanceof EvidenceError) return error.reason === 'malformed' ? exitCodes.usage : exitCodes.inconclusive
  if (error instanceof ToolError) return exitCodes.tool
  return exitCodes.bug
}

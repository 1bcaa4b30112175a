export type Command =
  | { verb: 'retry' | 'train' }
  /** Somebody answers for a held verdict. */
  | { verb: 'accept'; verdict: string; reason: string }
  | { verb: 'unknown'; says: string }

// As long as the document that it goes into takes.
const longestReason = 200

/**
 * The command of a comment: its first line, alone, starting in the first column; null when there is none. What is quoted,
 * fenced or indented is talk about a command. Letters that only look like ours are not ours.
 */
export function commandOf(body: string): Command | null {
  const [line = ''] = body.split(/\r?\n/, 1)
  if (!line.startsWith('/sluice')) return null
  const [, verdict, reason] = /^\/sluice accept ([0-9a-f]{64}) +(\S.*?) *$/.exec(line) ?? []
  if (verdict !== undefined && reason !== undefined) return accepting(verdict, reason)
  if (/[^\x20-\x7e]/.test(line)) return { verb: 'unknown', says: 'A command is plain ASCII, without tabs.' }
  const [, verb] = /^\/sluice (retry|train) *$/.exec(line) ?? []
  if (verb === 'retry' || verb === 'train') return { verb }
  const says =
    'There is no such command: /sluice retry or /sluice train with nothing behind it, or /sluice accept with the 64 digits of a held verdict and a reason.'
  return { verb: 'unknown', says }
}

/** A reason is in any language, and nothing in it may hide or turn other text round. */
function accepting(verdict: string, reason: string): Command {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(reason)) {
    return { verb: 'unknown', says: 'The reason holds signs that nobody can see: write it anew.' }
  }
  if ([...reason].length > longestReason) {
    return { verb: 'unknown', says: `The reason is longer than ${longestReason} letters: write it shorter.` }
  }
  return { verb: 'accept', verdict, reason }
}

export type Command = { verb: 'retry' | 'train' } | { verb: 'unknown'; says: string }

/**
 * The command of a comment: its first line, alone, starting in the first column; null when there is none. What is quoted,
 * fenced or indented is talk about a command. Letters that only look like ours are not ours.
 */
export function commandOf(body: string): Command | null {
  const [line = ''] = body.split(/\r?\n/, 1)
  if (!line.startsWith('/sluice')) return null
  if (/[^\x20-\x7e]/.test(line)) return { verb: 'unknown', says: 'A command is plain ASCII, without tabs.' }
  const [, verb] = /^\/sluice (retry|train) *$/.exec(line) ?? []
  if (verb === 'retry' || verb === 'train') return { verb }
  return { verb: 'unknown', says: 'There is no such command: /sluice retry or /sluice train, with nothing behind it.' }
}

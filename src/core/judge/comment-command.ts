export type Command =
  | { verb: 'train' }
  | { verb: 'retry' }
  | { verb: 'accept'; verdict: string; reason: string }
  | { verb: 'unknown'; says: string }

const known = '/sluice train, /sluice retry, or /sluice accept ID REASON'

/**
 * The command of a comment: its first line, alone, starting in the first column; null when there is none. What is quoted,
 * fenced or indented is talk about a command. Letters that only look like ours are not ours.
 */
export function commandOf(body: string): Command | null {
  const [line = ''] = body.split(/\r?\n/, 1)
  if (!line.startsWith('/sluice')) return null
  if (/[^\x20-\x7e]/.test(line)) return { verb: 'unknown', says: 'a command is plain ASCII, without tabs' }
  const [, verb = '', rest = ''] = /^\/sluice (\S+)(?: (.*))?$/.exec(line.trimEnd()) ?? []
  if (verb === 'train' || verb === 'retry') {
    return rest === '' ? { verb } : { verb: 'unknown', says: `/sluice ${verb} takes nothing behind it` }
  }
  if (verb !== 'accept') return { verb: 'unknown', says: `there is no such command: ${known}` }
  const [, verdict = '', reason = ''] = /^([0-9a-f]{64}) (.{8,300})$/.exec(rest) ?? []
  if (verdict === '') {
    return {
      verb: 'unknown',
      says: 'write /sluice accept, the 64 digits of the held verdict’s id, and why, in 8 to 300 letters',
    }
  }
  return { verb: 'accept', verdict, reason }
}

import type { Document } from '../documents/define.ts'
import type { VerdictBody } from '../documents/verdict.ts'

const rank = { fail: 0, inconclusive: 1, pass: 2 } as const

/** Two policies' verdicts as one: the worse word, the lines of both, and what each says of itself. */
export function joinVerdicts(
  a: Document<'Verdict', VerdictBody>,
  b: Document<'Verdict', VerdictBody>,
): Document<'Verdict', VerdictBody> {
  const worse = rank[b.body.verdict] < rank[a.body.verdict] ? b : a
  const add = (word: 'pass' | 'fail' | 'inconclusive') => a.body.counts[word] + b.body.counts[word]
  // A note counts the lines of its own policy, so that it is told whose it is.
  const notes = [a, b].flatMap(({ body: { policy, notes = [] } }) =>
    notes.map((note) => (note.startsWith(`${policy}: `) ? note : `${policy}: ${note}`)),
  )
  return {
    ...a,
    body: {
      policy: `${a.body.policy} and ${b.body.policy}`,
      verdict: worse.body.verdict,
      reason: worse.body.reason,
      counts: { pass: add('pass'), fail: add('fail'), inconclusive: add('inconclusive') },
      lines: [...a.body.lines, ...b.body.lines],
      ...(notes.length > 0 ? { notes } : {}),
    },
  }
}

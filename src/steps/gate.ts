import type { DeclaredText } from '../core/documents/declared.ts'
import type { Document, Subject } from '../core/documents/define.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import { printable } from '../core/documents/printable.ts'
import type { VerdictBody, VerdictLine } from '../core/documents/verdict.ts'
import { number } from '../core/judge/decide.ts'
import type { JudgeOptions } from '../core/judge/judge.ts'
import { judgeStrictly } from '../core/judge/judge-strictly.ts'
import { readPolicy } from '../core/judge/policy.ts'
import { subjectOfEvidence } from '../core/judge/subject.ts'
import type { Console } from '../ports.ts'

export type GateInput = {
  policy: DeclaredText
  /** Policies that must be met as well: that of the base, an organisation's floor. `name` is how notes speak of it. */
  floors?: readonly (DeclaredText & { name: string })[]
  evidence: readonly Document[]
  /** Digests that are judged; what is not named is what the evidence agrees on. */
  subject: Subject
  options: JudgeOptions
}

/** Judges evidence by a policy. */
export function gate(input: GateInput): Document<'Verdict', VerdictBody> {
  const { policy, floors = [], evidence, subject, options } = input
  const classes = [...new Set(evidence.filter((one) => isSound(evaluation, one)).flatMap(({ body }) => body.classes))]
  const read = ({ yaml, file }: DeclaredText) => readPolicy(yaml, file, classes)
  const below = floors.map((floor) => ({ name: floor.name, policy: read(floor) }))
  return judgeStrictly(read(policy), below, evidence, { ...subjectOfEvidence(evidence), ...subject }, options)
}

/** Prints a verdict as a table, and below it what each line that did not pass says. */
export function printVerdict({ body }: Document<'Verdict', VerdictBody>, console: Console): void {
  const print = (line: string) => console.print(printable(line))
  const rows = body.lines.map((line) => [line.verdict, line.gate, line.measure, observedOf(line), limitOf(line)])
  const table = [['verdict', 'gate', 'measure', 'observed', 'limit'], ...rows]
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length))) ?? []
  for (const row of table)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  const open = body.lines.filter(({ verdict }) => verdict !== 'pass')
  if (open.length > 0) print('')
  for (const line of open) {
    print(`${line.verdict}: ${line.gate}: ${line.reason}`)
    if (line.settle) print(`  to settle it: ${line.settle}${line.holds === false ? ' (reported, does not hold)' : ''}`)
  }
  if (body.notes?.length) print('')
  for (const note of body.notes ?? []) print(`note: ${note}`)
  print('')
  print(`${body.policy}: ${body.verdict.toUpperCase()}. ${body.reason}`)
}

function observedOf({ observed, low, high }: VerdictLine): string {
  if (observed === null) return 'none'
  return low === undefined || high === undefined
    ? number(observed)
    : `${number(observed)} [${number(low)}, ${number(high)}]`
}

function limitOf({ limit, direction, unit }: VerdictLine): string {
  if (limit === null) return 'none'
  return `${direction === 'at most' ? '≤' : '≥'} ${number(limit)} ${unit}`
}

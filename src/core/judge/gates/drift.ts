import { drift as driftDocument } from '../../documents/operational.ts'
import { facts, number, unsettled } from '../decide.ts'
import { defineGate } from '../gate-kind.ts'

/** Drift is news, not guilt: it reports unless the policy sets atMost, and what a proposal declares is a record. */
export const drift = defineGate(driftDocument, {
  name: 'drift',
  summary: 'How many measures drifted beyond their limit without being declared; reports only, unless atMost is set.',
  measures: [
    { name: 'undeclared', says: 'measures beyond their limit', unit: 'measures', limit: 'atMost', low: 0, high: 1000 },
  ],
  perClass: 'never',
  whenInconclusive: 'report',
  judge: (body, line) => {
    const limit = line.atMost ?? 0
    const question = { measure: 'undeclared drift', unit: 'measures', limit, direction: 'at most' as const }
    if (body.measures.length === 0)
      return [unsettled({ ...facts(question), observed: null }, 'nothing was measured', 'measure drift again')]
    const beyond = body.measures.filter(
      ({ name, value, limit, exceeded }) => (exceeded || value > limit) && !body.declared.includes(name),
    )
    const base = { ...facts(question), observed: beyond.length }
    const [worst] = [...beyond].sort((a, b) => b.value / b.limit - a.value / a.limit)
    if (!worst || beyond.length <= limit) {
      const said = `${beyond.length} of ${body.measures.length} measures drifted`
      return [{ ...base, verdict: 'pass', reason: `undeclared drift: ${said}` }]
    }
    const what = `${worst.name} is ${number(worst.value)}, its limit ${number(worst.limit)}${beyond.length > 1 ? `; ${beyond.length} measures in all` : ''}`
    if (line.atMost !== undefined) return [{ ...base, verdict: 'fail', reason: `undeclared drift: ${what}` }]
    return [unsettled(base, what, `look at it, and declare "${worst.name}" in the proposal if it is meant`)]
  },
})

import { type DriftBody, drift as driftDocument } from '../../documents/operational.ts'
import { facts, number, unsettled } from '../decide.ts'
import { defineGate } from '../gate-kind.ts'

/** Drift is news, not guilt: it reports unless the policy sets atMost, and what a proposal declares is a record. */
export const drift = defineGate(driftDocument, {
  name: 'drift',
  summary: 'How many measures drifted beyond their limit without being declared; reports only, unless atMost is set.',
  terms: 'n is the number of measures beyond their own limit that the proposal did not declare.',
  decides: [
    'pass  n ≤ atMost (0 unless set)',
    'fail  n > atMost, where the line sets it',
    'open  n > 0 where it does not; a drift that was declared and is not there',
  ],
  example: ['{ gate: drift, evidence: Drift, measure: undeclared, atMost: 0 }'],
  measures: [
    { name: 'undeclared', says: 'measures beyond their limit', unit: 'measures', limit: 'atMost', low: 0, high: 1000 },
  ],
  perClass: 'never',
  tooLittle: 'nothing measured: open',
  whenInconclusive: 'report',
  judge: (body, line) => {
    const limit = line.atMost ?? 0
    const question = { measure: 'undeclared drift', unit: 'measures', limit, direction: 'at most' as const }
    if (isUntouched(body))
      return [{ ...facts(question), observed: 0, verdict: 'pass', reason: 'nothing was added or relabelled' }]
    if (body.measures.length === 0) {
      const reason = body.notes[0] ?? 'nothing was measured'
      return [unsettled({ ...facts(question), observed: null }, reason, 'more images, or measure drift again')]
    }
    const beyond = body.measures.filter(({ name, exceeded }) => exceeded && !body.declared.includes(name))
    const base = { ...facts(question), observed: beyond.length }
    const [worst] = [...beyond].sort((a, b) => b.value / b.limit - a.value / a.limit)
    if (worst && beyond.length > limit) {
      const more = beyond.length > 1 ? `; ${beyond.length} measures in all` : ''
      const what = `${worst.name} is ${number(worst.value)}, its limit ${number(worst.limit)}${more}`
      if (line.atMost !== undefined) return [{ ...base, verdict: 'fail', reason: `undeclared drift: ${what}` }]
      return [unsettled(base, what, `look at it, and declare "${worst.name}" in the proposal if it is meant`)]
    }
    const broken = body.expects?.find(({ outcome }) => outcome === 'absent' || outcome === 'unmeasured')
    if (broken) {
      const what = `"${broken.measure}" was declared to drift and ${broken.outcome === 'absent' ? 'did not' : 'was not measured'}`
      return [unsettled(base, what, 'look whether the right data was added, or take the declaration back')]
    }
    const open = body.measures.filter(({ verdict }) => verdict === 'inconclusive').length
    const left = open > 0 ? `; ${open} open for lack of images` : ''
    const reason = `undeclared drift: ${beyond.length} of ${body.measures.length} measures drifted${left}`
    return [{ ...base, verdict: 'pass', reason }]
  },
})

function isUntouched({ compared }: DriftBody): boolean {
  return compared !== undefined && compared.added.images + compared.relabelled.images === 0
}

import { findings } from '../../documents/findings.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

/** No new errors in the data; what the base already had, and what a waiver in force covers, does not count. */
export const datasetFindings = defineGate(findings, {
  name: 'dataset-findings',
  summary: 'The data set rules found no more new errors (or warnings) than allowed.',
  terms: 'n is the number of findings of that severity that the base does not have and no waiver covers.',
  decides: ['pass  n ≤ atMost (0 unless set)', 'fail  n > atMost'],
  example: [
    '{ gate: dataset-findings, evidence: Findings, measure: errors, atMost: 0 }',
    '{ gate: dataset-findings, evidence: Findings, measure: warnings, atMost: 20 }',
  ],
  measures: [
    {
      name: 'errors',
      says: 'errors that are new and not waived',
      unit: 'findings',
      limit: 'atMost',
      low: 0,
      high: 1e9,
    },
    {
      name: 'warnings',
      says: 'warnings that are new and not waived',
      unit: 'findings',
      limit: 'atMost',
      low: 0,
      high: 1e9,
    },
  ],
  perClass: 'never',
  tooLittle: 'no image, or a check that contradicts itself: open',
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const measure = measureOf(datasetFindings, line)
    const severity = measure.name === 'warnings' ? 'warning' : 'error'
    const limit = line.atMost ?? 0
    const question = { measure: `new ${measure.name}`, unit: measure.unit, limit, direction: 'at most' as const }
    const fresh = body.findings.filter(
      (finding) => finding.severity === severity && finding.status !== 'old' && finding.status !== 'waived',
    )
    const draft = decidePoint(fresh.length, question)
    if (draft.verdict === 'fail') {
      const [first] = fresh
      const place = first ? `; the first is ${first.rule} in ${first.file}${first.line ? `:${first.line}` : ''}` : ''
      return [{ ...draft, reason: `${draft.reason}${place}` }]
    }
    const base = { ...facts(question), observed: fresh.length }
    if (body.scope.images === 0 && body.scope.boxes === 0)
      return [unsettled(base, 'nothing was looked at: no image and no box', 'check the data set that is proposed')]
    if (body.verdict === 'inconclusive')
      return [unsettled(base, 'the check itself was inconclusive', body.notes?.[0] ?? 'check again with every rule')]
    if (severity === 'error' && limit === 0 && body.verdict === 'fail')
      return [unsettled(base, 'the check failed, yet lists no new error', 'check again, with every finding listed')]
    return [draft]
  },
})

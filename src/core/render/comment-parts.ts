import type { ComparisonBody } from '../documents/evaluation.ts'
import type { SuspiciousBody } from '../documents/operational.ts'
import type { VerdictBody } from '../documents/verdict.ts'
import type { Part } from './comment-findings.ts'
import { code, counted, figure, fold, plain, signed, table } from './markdown.ts'

/** Differences with their intervals: in all in sight, by class folded. */
export function comparisonPart(comparisons: readonly ComparisonBody[]): Part {
  const metric = (c: ComparisonBody) => (c.metric === 'map' ? 'mAP50-95' : 'mAP50')
  const interval = ({ difference: d }: ComparisonBody['overall']) => signed(d.value, d.low, d.high)
  const facts = comparisons.map(
    (c) =>
      `**${plain(c.candidate)} against ${plain(c.baseline)}:** ${metric(c)} ${interval(c.overall)}, ${counted(c.images, 'image')}`,
  )
  const lines = comparisons.flatMap((c, i) => {
    const rows = c.perClass.map((row) => [
      code(row.className),
      row.baseline.toFixed(3),
      row.candidate.toFixed(3),
      interval(row),
    ])
    const head = ['class', `${plain(c.baseline)}›`, `${plain(c.candidate)}›`, 'difference with interval›']
    const flips = `fixed ${counted(c.flips.fixed.length, 'image')}, broken ${counted(c.flips.broken.length, 'image')}`
    const title = `${plain(c.candidate)} against ${plain(c.baseline)}, ${metric(c)}; ${flips}`
    return [...(i > 0 ? [''] : []), title, '', ...table(head, rows)]
  })
  return { facts: [facts.join('; ')], folded: fold('Is it better? By class', lines) }
}

/** Lines of the gates, and what the policy as a whole can tell, folded. */
export function gatesPart({ lines, policy, counts, notes = [] }: VerdictBody, most: number): Part {
  const signs = { pass: '✔ pass', fail: '✖ fail', inconclusive: '? inconclusive' } as const
  const rows = lines.map((line) => {
    const bounds =
      line.low !== undefined && line.high !== undefined ? ` [${figure(line.low)}, ${figure(line.high)}]` : ''
    const observed = line.observed === null ? 'none' : `${figure(line.observed)}${bounds}`
    const limit = line.limit === null ? '' : `${line.direction} ${figure(line.limit)} ${plain(line.unit)}`.trim()
    const why =
      line.verdict === 'inconclusive' && line.settle ? `${line.reason}; to settle it: ${line.settle}` : line.reason
    return [signs[line.verdict], code(line.gate), plain(line.measure), observed, limit, plain(why)]
  })
  const head = ['verdict', 'gate', 'measure', 'observed›', 'limit', 'why']
  const title = `Gates of ${policy}: ${counts.pass} pass, ${counts.fail} fail, ${counts.inconclusive} inconclusive`
  const remarks = notes.slice(0, most).map((note) => `- ${plain(note)}`)
  const more = notes.length - remarks.length
  const listed = [
    ...(remarks.length > 0 ? ['', ...remarks] : []),
    ...(more > 0 && remarks.length > 0 ? [`- and ${counted(more, 'more note')}`] : []),
  ]
  return { facts: [], folded: rows.length > 0 ? fold(title, [...table(head, rows), ...listed]) : [] }
}

/** Labels that the champion disagrees with: for a look, never an error by themselves. */
export function suspiciousPart({ items, flagged, boxes }: SuspiciousBody, rows: number): Part {
  if (flagged === 0) return { facts: [`**Suspicious labels:** none of ${counted(boxes, 'box', 'boxes')}`], folded: [] }
  const listed = items.slice(0, rows).map((item) => {
    const seen = item.predictedClass === '' ? 'nothing' : `${code(item.predictedClass)} at ${figure(item.confidence)}`
    return [code(item.image), item.issue, code(item.className), seen, figure(item.score)]
  })
  const total = counted(flagged, 'suspicious label')
  return {
    facts: [
      `**Suspicious labels:** the champion disagrees with ${flagged} of ${counted(boxes, 'box', 'boxes')}; look at them, they may be right`,
    ],
    folded: listed.length > 0 ? fold(total, table(['image', 'issue', 'label', 'champion sees', 'score›'], listed)) : [],
  }
}

import type { ComparisonBody } from '../documents/evaluation.ts'
import type { SuspiciousBody } from '../documents/operational.ts'
import type { VerdictBody, VerdictLine } from '../documents/verdict.ts'
import type { Part } from './comment-findings.ts'
import { code, counted, figure, fold, plain, signed, table } from './markdown.ts'
import { intervalPlot, scaleOf } from './text-charts.ts'

/** Differences with their intervals: in all in sight, by class folded. */
export function comparisonPart(comparisons: readonly ComparisonBody[], rows: number): Part {
  const metric = (c: ComparisonBody) => (c.metric === 'map' ? 'mAP50-95' : 'mAP50')
  const interval = ({ difference: d }: ComparisonBody['overall']) => signed(d.value, d.low, d.high)
  const facts = comparisons.map(
    (c) =>
      `**${plain(c.candidate)} against ${plain(c.baseline)}**: ${metric(c)} ${interval(c.overall)}, ${counted(c.images, 'image')}`,
  )
  const lines = comparisons.flatMap((c, i) => {
    const seen = c.perClass.length > rows ? c.perClass.toSorted(worseFirst).slice(0, rows) : c.perClass
    const left = c.perClass.length - seen.length
    const all = [{ ...c.overall, className: 'all' }, ...seen]
    const scale = scaleOf([0, ...all.flatMap(({ difference: d }) => [d.value, d.low, d.high])])
    const cells = all.map((row, at) => [
      at === 0 ? 'all' : code(row.className),
      row.baseline.toFixed(3),
      row.candidate.toFixed(3),
      interval(row),
      scale ? intervalPlot({ ...row.difference, mark: 0 }, scale) : '',
    ])
    const head = [
      'class',
      `${plain(c.baseline)}›`,
      `${plain(c.candidate)}›`,
      'difference with interval›',
      'worse ║ better',
    ]
    const flips = `fixed ${counted(c.flips.fixed.length, 'image')}, broken ${counted(c.flips.broken.length, 'image')}`
    const title = `Scores of ${plain(c.candidate)} against ${plain(c.baseline)}, ${metric(c)}; ${flips}`
    return [
      ...(i > 0 ? [''] : []),
      title,
      '',
      ...table(head, cells),
      ...(left > 0 ? ['', `and ${counted(left, 'class', 'classes')} more, which lost less`] : []),
    ]
  })
  return { facts: [facts.join('; ')], folded: fold('Is it better? By class', lines) }
}

type Row = ComparisonBody['overall']
const worseFirst = (a: Row, b: Row) => a.difference.value - b.difference.value

/** Lines of the gates, and what the policy as a whole can tell, folded. */
export function gatesPart({ lines, policy, counts, notes = [] }: VerdictBody, most: number): Part {
  const signs = { pass: '✔ pass', fail: '✖ fail', inconclusive: '? inconclusive' } as const
  const room = Math.max(most, 3)
  const seen = lines.length > room ? lines.toSorted(openFirst).slice(0, room) : lines
  const rows = seen.map((line) => {
    const bounds =
      line.low !== undefined && line.high !== undefined ? ` [${figure(line.low)}, ${figure(line.high)}]` : ''
    const observed = line.observed === null ? 'none' : `${figure(line.observed)}${bounds}`
    const limit = line.limit === null ? '' : `${line.direction} ${figure(line.limit)} ${plain(line.unit)}`.trim()
    const why =
      line.verdict === 'inconclusive' && line.settle ? `${line.reason}; to settle it: ${line.settle}` : line.reason
    return [signs[line.verdict], code(line.gate), plain(line.measure), observed, limit, againstLimit(line), plain(why)]
  })
  const head = ['verdict', 'gate', 'measure', 'observed›', 'limit', '● against ║', 'why']
  const title = `Gates of ${policy}: ${counts.pass} pass, ${counts.fail} fail, ${counts.inconclusive} inconclusive`
  const left = lines.length - seen.length
  const passed = left > 0 ? ['', `and ${counted(left, 'more line')}, no worse than these`] : []
  const remarks = notes.slice(0, most).map((note) => `- ${plain(note)}`)
  const more = notes.length - remarks.length
  const listed = [
    ...(remarks.length > 0 ? ['', ...remarks] : []),
    ...(more > 0 && remarks.length > 0 ? [`- and ${counted(more, 'more note')}`] : []),
  ]
  return { facts: [], folded: rows.length > 0 ? fold(title, [...table(head, rows), ...passed, ...listed]) : [] }
}

const rank = { fail: 0, inconclusive: 1, pass: 2 } as const
const openFirst = (a: VerdictLine, b: VerdictLine) => rank[a.verdict] - rank[b.verdict]

/** Where the observed interval lies beside its limit; each line has a scale of its own. */
function againstLimit({ observed, low, high, limit }: VerdictLine): string {
  if (observed === null || limit === null) return ''
  const scale = scaleOf([observed, low, high, limit])
  return scale ? intervalPlot({ value: observed, low, high, mark: limit }, scale) : ''
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

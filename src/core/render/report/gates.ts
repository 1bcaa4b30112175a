import type { VerdictBody, VerdictLine } from '../../documents/verdict.ts'
import type { PullRequestReport } from '../report-input.ts'
import { badge, html, metricName, plural, range, section, sentence, shortDigest, table } from './html.ts'

const order = { fail: 0, inconclusive: 1, pass: 2 }

/** Gates, worst first: measure, limit with direction and unit, observed with interval, what would settle it. */
export function gateTable({ gate }: PullRequestReport): string {
  if (!gate) return ''
  const rows = [...gate.lines]
    .sort((a, b) => order[a.verdict] - order[b.verdict])
    .map((line) => [
      badge(line.verdict),
      `${html(metricName(line.measure))}${why(line)}`,
      observed(line),
      limit(line),
      `<code class="nowrap">${html(line.gate)}</code>`,
      line.evidence ? shortDigest(line.evidence) : '<span class="soft">none</span>',
    ])
  const columns = [
    { head: '' },
    { head: 'measure', plain: true },
    { head: 'observed', numeric: true },
    { head: 'limit', numeric: true },
    { head: 'gate' },
    { head: 'evidence' },
  ]
  const { pass, fail, inconclusive } = gate.counts
  const counts = `${plural(gate.lines.length, 'line')} of <code>${html(gate.policy)}</code>: ${fail} failed, ${inconclusive} inconclusive, ${pass} passed.`
  const list = table(columns, rows, { empty: 'The policy asked nothing.', stack: true })
  return section(
    `Gates: ${gate.verdict}`,
    `<p>${sentence(gate.reason)}</p><p class="soft small">${counts}</p>${list}${notes(gate)}`,
  )
}

/** What the policy as a whole can tell: its false alarms, margins that the data cannot resolve, what was measured again. */
function notes({ notes = [] }: VerdictBody): string {
  const items = notes.map((note) => `<li>${html(metricName(note))}</li>`)
  return items.length > 0 ? `<ul class="notes">${items.join('')}</ul>` : ''
}

/** A pass says it by its numbers; anything else says why and what would settle it. */
function why(line: VerdictLine): string {
  const again = line.measured === undefined ? '' : `measured ${line.measured} times, the worst counts`
  if (line.verdict === 'pass' && line.observed !== null) return again && `<br><span class="soft">${again}.</span>`
  const told = metricName(line.reason)
  const measure = `${metricName(line.measure)}: `
  // The measure, the value and its interval stand in their own cells.
  const reason = (told.startsWith(measure) ? told.slice(measure.length) : told).replace(/^[−\d.]+ \[[^\]]*\] /, '')
  const settle = line.settle
    ? `<br>To settle it: ${html(line.settle)}${line.holds === false ? ' (reported, holds nothing)' : ''}.`
    : ''
  return `<br><span class="soft">${html(reason)}.${again && ` It was ${again}.`}${settle}</span>`
}

function limit(line: VerdictLine): string {
  if (line.limit === null || line.direction === 'none') return '–'
  return `<span class="nowrap">${line.direction === 'at least' ? '≥' : '≤'} ${number(line.limit, line.unit)} ${html(line.unit)}</span>`
}

function observed(line: VerdictLine): string {
  if (line.observed === null) return '<span class="soft">nothing</span>'
  const write = (value: number) => number(value, line.unit)
  if (line.low === undefined || line.high === undefined) return `<b>${write(line.observed)}</b>`
  return `<span class="estimate"><b>${write(line.observed)}</b> ${range(line.low, line.high, write)}</span>`
}

/** Scores and ratios to three decimals, so that they can be compared down the column; counts as they are. */
function number(value: number, unit: string): string {
  const whole = Number.isInteger(value) && (value === 0 || !/^(AP|×|score|share)/.test(unit))
  return (whole ? String(value) : value.toFixed(3)).replace('-', '−')
}

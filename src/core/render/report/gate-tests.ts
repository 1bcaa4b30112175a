import type { GateTest, ReportInput } from '../report-input.ts'
import { html, mark, section, sentence, table } from './html.ts'

const titles = {
  data: 'Faults planted in the data',
  model: 'Faults planted in the model, its serving and its evidence',
}

/** Which known faults the policies catch: what got through in full, the rest folded. */
export function gateTests({ gateTests: tests = [] }: ReportInput): string {
  if (tests.length === 0) return ''
  const about =
    '<p>Known faults were planted one at a time in copies of this data set and its champion, and changes that mean nothing beside them; the policies that judged the pull requests had to tell them apart.</p>'
  return `<article aria-labelledby="gate-tests"><h2 id="gate-tests">The gates, tested</h2>${about}${tests.map(one).join('\n')}</article>`
}

function one({ of, headline, sample, rows, notes, untested }: GateTest): string {
  if (untested) return section(titles[of], `<p>Not tested: ${html(untested)}.</p>`)
  const bad = rows.filter(({ verdict }) => verdict === 'fail')
  const rest = rows.filter(({ verdict }) => verdict !== 'fail')
  const through = bad.length > 0 ? `<h4>Got through, or blamed without reason</h4>${rowTable(bad)}` : ''
  const told =
    notes.length > 0 ? `<ul class="notes">${notes.map((note) => `<li>${sentence(note)}</li>`).join('')}</ul>` : ''
  return section(
    titles[of],
    `<p class="lead">${sentence(headline)}.</p><p class="soft small">Sample: ${html(sample)}.</p>${through}${told}<details><summary>All ${rest.length} that were caught, rightly left alone, or could not be planted</summary>${rowTable(rest)}</details>`,
  )
}

function rowTable(rows: GateTest['rows']): string {
  return table(
    [{ head: '' }, { head: 'planted', plain: true }, { head: 'outcome' }, { head: 'by' }],
    rows.map(({ id, outcome, verdict, by, summary }) => [
      verdict === 'skipped' ? '' : mark(verdict),
      `${html(summary)}<br><span class="soft"><code>${html(id)}</code></span>`,
      html(outcome),
      html(by),
    ]),
    { stack: true },
  )
}

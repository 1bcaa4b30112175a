import type { DriftBody } from '../../documents/operational.ts'
import { dumbbell } from './charts.ts'
import { html, key, plural, range, sentence } from './html.ts'

/** Measures that moved beyond their limit or cannot be told yet; class shares too where no table has them. */
export function driftPart(drift: DriftBody, withShares: boolean): string {
  const rows = drift.shares
    .slice(0, 14)
    .map((item) => ({ label: item.className, before: item.before, after: item.after }))
  const chart =
    rows.length > 0 && withShares
      ? `<h4>Share of boxes by class</h4>${dumbbell(rows, 'share of boxes by class, before and after')}${key([
          { color: 'var(--champion)', word: 'before' },
          { color: 'var(--candidate)', word: 'after' },
        ])}`
      : ''
  const rest =
    drift.shares.length > rows.length && withShares
      ? [`${plural(drift.shares.length - rows.length, 'further class', 'further classes')} not drawn.`]
      : []
  const notes = [...driftWords(drift), ...rest, ...drift.notes.map((note) => `${sentence(note.replace(/\.$/, ''))}.`)]
  return `${chart}<ul class="notes">${notes.map((note) => `<li>${note}</li>`).join('')}</ul>${open(drift)}`
}

function driftWords(drift: DriftBody): string[] {
  const write = (value: number) => value.toFixed(3)
  const beyond = drift.measures
    .filter((measure) => measure.exceeded)
    .map(({ name, unit, value, low, high, limit, detail }) => {
      const bounds = low !== undefined && high !== undefined ? ` ${range(low, high, write)}` : ''
      return `${sentence(name)} moved by <b>${write(value)}</b>${bounds} (${html(unit)}, limit at most ${write(limit)})${detail ? `: ${html(detail)}` : ''}.`
    })
  const declared = drift.declared.length > 0 ? [`Declared by the proposal: ${html(drift.declared.join(', '))}.`] : []
  const lead = beyond.length > 0 ? ['Drift is reported; by itself it holds nothing.'] : ['No drift beyond its limits.']
  return [...lead, ...beyond, ...declared, ...outcomes(drift)]
}

const outcomeWords = {
  met: 'it came as declared',
  opposite: 'it went <b>the other way</b>',
  absent: 'it <b>did not come</b>',
  open: 'too few images to tell',
  unmeasured: 'it was not measured',
}

function outcomes({ expects = [] }: DriftBody): string[] {
  return expects.map(
    ({ measure, direction, outcome }) => `Declared: ${html(measure)} ${direction}; ${outcomeWords[outcome]}.`,
  )
}

/** Measures that look moved and cannot be told from chance yet, folded: they hold nothing. */
function open({ measures }: DriftBody): string {
  const rows = measures.filter(({ verdict }) => verdict === 'inconclusive')
  if (rows.length === 0) return ''
  const items = rows.map(({ name, detail }) => `<li>${sentence(name)}${detail ? `: ${html(detail)}` : ''}.</li>`)
  return `<details><summary>${plural(rows.length, 'measure')} that too few images leave open</summary><ul class="notes">${items.join('')}</ul></details>`
}

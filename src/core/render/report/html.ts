import type { VerdictWord } from '../report-input.ts'

/** Text made safe for HTML content and quoted attributes. */
export function html(value: string | number): string {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** .752: three digits, no leading zero, as detection papers write AP; − for a missing value. */
export function ap(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value) || value < -1 + 1e-9) return '–'
  return value
    .toFixed(3)
    .replace(/^(-?)0\./, '$1.')
    .replace('-', '−')
}

/** +.090 or −.021: a difference always carries its sign. */
export function signed(value: number, digits = 3): string {
  const body = Math.abs(value).toFixed(digits).replace(/^0\./, '.')
  return `${value < 0 ? '−' : '+'}${body}`
}

export function interval(estimate: { value: number; low?: number; high?: number }): string {
  if (estimate.low === undefined || estimate.high === undefined) return signed(estimate.value)
  return `${signed(estimate.value)} <span class="soft">[${signed(estimate.low)}, ${signed(estimate.high)}]</span>`
}

export function percent(value: number, digits = 0): string {
  return `${(value * 100).toFixed(digits)} %`
}

export function seconds(value: number): string {
  return value < 60
    ? `${value.toFixed(value < 10 ? 1 : 0)} s`
    : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`
}

const words: Record<VerdictWord | 'skipped', string> = {
  pass: '✓ pass',
  fail: '✗ fail',
  inconclusive: '? inconclusive',
  skipped: '– not run',
}

/** A verdict as word and sign, never by colour alone. */
export function badge(verdict: VerdictWord | 'skipped'): string {
  return `<span class="badge ${verdict}">${words[verdict]}</span>`
}

export function mark(verdict: VerdictWord | 'skipped'): string {
  return `<span class="mark ${verdict}" aria-label="${verdict}">${(words[verdict] ?? '').slice(0, 1)}</span>`
}

type Cell = string | number
type Column = { head: string; numeric?: boolean }

/** A table that scrolls inside itself; cells are HTML already. */
export function table(columns: Column[], rows: Cell[][], empty = 'nothing to show'): string {
  if (rows.length === 0) return `<p class="soft">${html(empty)}</p>`
  const head = columns.map(({ head: text, numeric }) => `<th${numeric ? ' class="n"' : ''}>${text}</th>`).join('')
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, i) => `<td${columns[i]?.numeric ? ' class="n"' : ''}>${cell}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

export function section(title: string, body: string, note = ''): string {
  if (body === '') return ''
  return `<section><h3>${html(title)}</h3>${note ? `<p class="soft small">${html(note)}</p>` : ''}${body}</section>`
}

export function shortDigest(value: string): string {
  return `<code title="${html(value)}">${html(value.slice(0, 10))}</code>`
}

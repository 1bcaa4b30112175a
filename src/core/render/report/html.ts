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

/** A sentence of a document as it opens a paragraph: its first letter large unless it is part of a name, the metric by its full name. */
export function sentence(text: string): string {
  return html(metricName(text).replace(/^\p{Ll}(?=[\p{L}-]*([\s,:;.]|$))/u, (letter) => letter.toUpperCase()))
}

/** Documents say `map` for the mean AP over IoU .50 to .95; readers know it as mAP50-95. */
export function metricName(text: string): string {
  return text
    .replace(/\bmap50\b/g, 'mAP50')
    .replace(/\bmap-loss\b/g, 'mAP50-95 change')
    .replace(/\bmap\b(?=$|:| of | against | lost)/g, 'mAP50-95')
    .replace(/\bratio-(p\d\d)\b/g, '$1 latency')
}

/** .752: three digits, no leading zero, as detection papers write AP; – for a missing value. */
export function ap(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value) || value < -1 + 1e-9) return '–'
  return value
    .toFixed(3)
    .replace(/^(-?)0\./, '$1.')
    .replace('-', '−')
}

/** +.090 or −.021: a difference always carries its sign, zero none. */
export function signed(value: number, digits = 3): string {
  const body = Math.abs(value).toFixed(digits)
  if (Number(body) === 0) return body.replace(/^0\./, '.')
  return `${value < 0 ? '−' : '+'}${body.replace(/^0\./, '.')}`
}

/** A difference with its interval; one that has none says so. */
export function interval(estimate: { value: number; low?: number; high?: number }, digits = 3): string {
  const { value, low, high } = estimate
  return `<span class="estimate">${signed(value, digits)} ${range(low, high, (bound) => signed(bound, digits))}</span>`
}

/** A ratio with its interval: 1.031 [0.998, 1.066]. */
export function ratio(estimate: { value: number; low?: number; high?: number }): string {
  const write = (bound: number) => bound.toFixed(3)
  return `<span class="estimate"><b>${write(estimate.value)}</b> ${range(estimate.low, estimate.high, write)}</span>`
}

/** The bounds of an estimate in brackets, kept on one line. */
export function range(low: number | undefined, high: number | undefined, write: (bound: number) => string): string {
  if (low === undefined || high === undefined) return '<span class="soft">[no interval]</span>'
  return `<span class="soft">[${write(low)}, ${write(high)}]</span>`
}

export function percent(value: number, digits = 0): string {
  return `${(value * 100).toFixed(digits)} %`
}

export function seconds(value: number): string {
  if (value < 59.5) return `${value.toFixed(value < 9.95 ? 1 : 0)} s`
  const whole = Math.round(value)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** 3 boxes, 1 box, 0 boxes. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

const signs: Record<VerdictWord | 'skipped', string> = { pass: '✓', fail: '✗', inconclusive: '?', skipped: '–' }

/** A verdict as word and sign, never by colour alone. */
export function badge(verdict: VerdictWord | 'skipped'): string {
  return `<span class="badge ${verdict}"><span aria-hidden="true">${signs[verdict]}</span> ${verdict === 'skipped' ? 'not run' : verdict}</span>`
}

/** A verdict as a sign, with its word for those who listen. */
export function mark(verdict: VerdictWord | 'skipped'): string {
  return `<span class="mark ${verdict}"><span aria-hidden="true">${signs[verdict]}</span><span class="aside">${verdict}: </span></span>`
}

/** A key: a swatch in a colour with its word; dashed where the line it names is. */
export function key(items: { color: string; word: string; dashed?: boolean }[], kind: 'dot' | 'box' = 'dot'): string {
  const swatches = items.map(
    ({ color, word, dashed }) =>
      `<span><i class="${kind}${dashed ? ' dashed' : ''}" style="--is:${color}"></i>${html(word)}</span>`,
  )
  return `<div class="key">${swatches.join('')}</div>`
}

type Cell = string | number
/** `plain`: where rows stack on a phone, the head says nothing that the cell doesn't. */
export type Column = { head: string; numeric?: boolean; plain?: boolean }

/** A table that scrolls inside itself, or whose rows stack on a phone; heads and cells are HTML already. */
export function table(columns: Column[], rows: Cell[][], options: { empty?: string; stack?: boolean } = {}): string {
  if (rows.length === 0) return `<p class="soft">${html(options.empty ?? 'Nothing to show.')}</p>`
  const head = columns
    .map(({ head: text, numeric }) => `<th scope="col"${numeric ? ' class="n"' : ''}>${text}</th>`)
    .join('')
  const cell = (value: Cell, { head: text, numeric, plain }: Column) =>
    `<td${numeric ? ' class="n"' : ''}${options.stack && text && !plain ? ` data-head="${text}"` : ''}>${value}</td>`
  const body = rows.map((row) => `<tr>${row.map((value, i) => cell(value, columns[i] ?? { head: '' })).join('')}</tr>`)
  const inner = `<thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
  return options.stack
    ? `<table class="stack">${inner}`
    : `<div class="scroll" tabindex="0" role="group" aria-label="table"><table>${inner}</div>`
}

/** What evidence is known by, whole: on a phone each digest breaks below its name. */
export function digestTable(digests: readonly { label: string; value: string }[], empty?: string): string {
  return table(
    [
      { head: 'evidence', plain: true },
      { head: 'SHA-256', plain: true },
    ],
    digests.map(({ label, value }) => [html(label), `<code>${html(value)}</code>`]),
    { stack: true, ...(empty === undefined ? {} : { empty }) },
  )
}

export function section(title: string, body: string, note = ''): string {
  if (body === '') return ''
  return `<section><h3>${html(title)}</h3>${note ? `<p class="soft small">${html(note)}</p>` : ''}${body}</section>`
}

export function shortDigest(value: string): string {
  return `<code class="nowrap" title="${html(value)}">${html(value.slice(0, 8))}</code>`
}

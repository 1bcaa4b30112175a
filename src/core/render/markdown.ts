// Names and messages come from a proposal: in a comment they may neither mention, link, mark up nor hide anything.

const longest = 300

/** Control, bidirectional and invisible characters as visible escapes; one line, at most 300 characters. */
function visible(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  const shown = flat.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  )
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown
}

/**
 * Text that renders as itself. Entities would not stop mentions and references, since those are looked for in the
 * rendered text: a word joiner parts the sign from what follows.
 */
export function plain(text: string): string {
  return (
    visible(text)
      .replace(/[\\`*_~|$]/g, '\\$&')
      .replace(/^(?:[-+](?=\s|[-+])|=+(?=\s|=|$))/, '\\$&')
      .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/\]([([:])/g, '\\]$1')
      .replace(/!\[/g, '!\\[')
      .replace(/[@#]/g, '$&\u2060')
      .replace(/:(?=[\w+-]+:)/g, ':\u2060')
      .replace(/:\/\//g, ':\u2060//')
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\u2060.`)
      .replace(/\bGH-(?=\d)/gi, '$&\u2060')
      // What reads as the id of a commit.
      .replace(/(?<!\w)(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}(?!\w)/g, (id) => id.replace(/.{6}(?=.)/g, '$&\u2060'))
  )
}

/** A name as a code span, in which GitHub neither mentions nor links; inside tables a bar is escaped too. */
export function code(text: string): string {
  const shown = visible(text).replaceAll('|', '¦')
  if (shown === '') return '(empty)'
  const runs = shown.match(/`+/g) ?? []
  const fence = '`'.repeat(1 + Math.max(0, ...runs.map((run) => run.length)))
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** A table; cells are ready markdown, columns whose name ends with › are right-aligned. */
export function table(head: string[], rows: string[][]): string[] {
  const name = (cell: string) => cell.replace(/›$/, '')
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const rule = line(head.map((cell) => (cell.endsWith('›') ? '---:' : '---')))
  return [line(head.map(name)), rule, ...rows.map(line)]
}

/** A part that is folded away until it is opened. */
export function fold(summary: string, lines: string[]): string[] {
  return ['<details>', `<summary>${plain(summary)}</summary>`, '', ...lines, '', '</details>']
}

/** 1 image, 2 images. */
export function counted(n: number, word: string, many = `${word}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? word : many}`
}

/** A signed difference with its interval, e.g. +0.115 [+0.096, +0.134]. */
export function signed(value: number, low?: number, high?: number, digits = 3): string {
  const sign = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(digits)}`
  return low === undefined || high === undefined ? sign(value) : `${sign(value)} [${sign(low)}, ${sign(high)}]`
}

/** A figure as people write it: at most four significant decimals, no trailing noise. */
export function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(4)))
}

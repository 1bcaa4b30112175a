import type { FindingsBody } from '../documents/findings.ts'
import { inert } from '../documents/printable.ts'
import { asideOf, freshFindings, groupedByRule } from './check-words.ts'

const mostLines = 40
const colors = { error: 31, warning: 33, info: 36 } as const

/**
 * Findings for a terminal of 80 columns, by rule, worst first, in about 40 lines: what is wrong, where (file:line,
 * which editors and terminals open), how to mend it, and how many more there are. Paths are below `root`. Without colour
 * (a pipe, a log) lines are not broken, so that each place stands in one line with its message.
 */
export function findingsTerminal(body: FindingsBody, root: string, color: boolean): string {
  const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const width = color ? 80 : Number.POSITIVE_INFINITY
  const groups = groupedByRule(freshFindings(body))
  const notes = (body.notes ?? []).flatMap((note) => wrapped(inert(note), 0, width).map((line) => paint(90, line)))
  // What is left after a heading, a place and a sentence each is shared, so that one rule does not hide the others.
  const each = Math.max(
    1,
    Math.floor((mostLines - notes.length - 3 * groups.length) / (2 * Math.max(1, groups.length))),
  )
  const blocks = groups.map(({ rule, severity, findings }) => {
    const label = paint(colors[severity], severity.padEnd(7))
    const mend = findings[0]?.mend ?? ''
    const shown = findings.slice(0, severity === 'info' ? 1 : each)
    const left = findings.length - shown.length
    return [
      `${label} ${paint(1, rule)} (${findings.length.toLocaleString('en-US')})`,
      ...shown.flatMap((finding) => placed(place(finding, root), inert(finding.message), width)),
      ...(left > 0 ? [paint(90, `  … and ${left.toLocaleString('en-US')} more of this rule`)] : []),
      ...wrapped(inert(mend), 2, width).map((line) => paint(90, line)),
    ]
  })
  const shown: string[] = []
  let told = 0
  for (const block of blocks) {
    if (told > 0 && shown.length + block.length > mostLines) break
    shown.push(...block)
    told++
  }
  const hidden = blocks.length - told
  if (hidden > 0) shown.push(paint(90, `… and ${plural(hidden, 'more rule')}; --md, --html or --json has all`))
  return [...shown, ...notes, ...summary(body, paint)].join('\n')
}

/** Verdict and counts, each what it is called everywhere; the last line is the one that is read. */
function summary(body: FindingsBody, paint: (code: number, text: string) => string): string[] {
  const { counts, scope, verdict } = body
  const word = paint(verdict === 'fail' ? 31 : verdict === 'pass' ? 32 : 33, verdict)
  const seen = `${scope.images} images, ${scope.boxes} boxes (${inert(scope.format)}), ${scope.rules.length} rules`
  const tally = `${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${counts.info} info`
  const aside = asideOf(body)
  const rest = aside.length > 0 ? [paint(90, `not listed: ${aside.join(', ')}`)] : []
  return [...rest, `${word}: ${tally} in ${seen}`]
}

function place({ file, line, column }: FindingsBody['findings'][number], root: string): string {
  if (file === '') return ''
  const path = root === '' ? file : `${root.replace(/\/$/, '')}/${file}`
  return `${inert(path)}${line > 0 ? `:${line}${column ? `:${column}` : ''}` : ''}`
}

/** Place and message on one line where the width suffices, else the message below; a place is never broken. */
function placed(where: string, message: string, width: number): string[] {
  if (where === '') return wrapped(message, 2, width)
  const line = `  ${where}  ${message}`
  return line.length <= width ? [line] : [`  ${where}`, ...wrapped(message, 4, width)]
}

/** Words on lines of the width; a word that is longer stands alone, and long texts end after 3 lines. */
function wrapped(text: string, indent: number, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  const shown = lines.slice(0, 3).map((words) => `${' '.repeat(indent)}${words}`)
  return lines.length > 3 ? [...shown.slice(0, 2), `${shown[2]} …`] : shown
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

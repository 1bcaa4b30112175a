import { sha256 } from '../../documents/define.ts'
import { type FindingsBody, findings } from '../../documents/findings.ts'
import { printable } from '../../documents/printable.ts'
import { UsageError } from '../../errors.ts'

type Finding = FindingsBody['findings'][number]
type Say = (line: number, severity: Finding['severity'], rule: string, message: string, mend: string) => void

const mostFindings = 100
/** A row an epoch of some 15 numbers: this is more than 100,000 epochs. */
export const largestResults = 16 * 2 ** 20

/**
 * What is wrong with a trainer's results.csv, line by line: a table that was cut short, losses that are no numbers, epochs
 * that do not rise, metrics outside 0 to 1. `epochs` is what was asked for: fewer are told. No verdict rests on this file.
 */
export function lintResults(text: string, file: string, epochs: number | null = null) {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0 || text.trim() === '')
    throw new UsageError('the file is empty', { where: file, mend: 'train again' })
  const found: Finding[] = []
  const say: Say = (line, severity, rule, message, mend) => {
    if (found.length >= mostFindings) return
    const fingerprint = sha256([rule, file, String(line), message].join('\n'))
    found.push({ rule, severity, file, line, image: null, message, mend, fingerprint })
  }
  const header = (lines[0] as string).split(',').map((name) => name.trim())
  if (isTable(header, lines[0] as string, say)) {
    readRows(header, lines.slice(1), epochs, say)
    if (lines.length === 1)
      say(
        1,
        'error',
        'results-empty',
        'it has a header and no epoch',
        'the training ended before its first epoch: see its log',
      )
  }
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of found) counts[severity]++
  return findings.make(
    { recipe: sha256(text) },
    {
      verdict: counts.error > 0 ? 'fail' : 'pass',
      counts,
      findings: found,
      scope: { images: 0, boxes: 0, rules: [...resultsRules], format: 'results', imagesRead: 0 },
    },
  )
}

const resultsRules = [
  'results-columns',
  'results-empty',
  'results-row',
  'results-number',
  'results-epochs',
  'results-range',
  'results-early',
]

/** Whether the header is one of Ultralytics; older versions pad its names, which is fine. */
function isTable(header: readonly string[], line: string, say: Say): boolean {
  const rule = 'results-columns'
  if (header.length < 2 && line.includes(';')) {
    say(1, 'error', rule, 'its columns are parted by semicolons', 'save it with commas, and points in numbers')
    return false
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i)
  if (twice !== undefined)
    say(1, 'error', rule, `the column ${shown(twice)} is there twice`, 'take the file as the trainer wrote it')
  if (header.includes('epoch') && header.some((name) => /^train\/.*loss$/.test(name))) return true
  say(
    1,
    'error',
    rule,
    `no column "epoch" with losses "train/…_loss" beside it, but ${header.slice(0, 5).map(shown).join(', ')}`,
    'take the results.csv of an Ultralytics run as it is',
  )
  return false
}

function readRows(header: readonly string[], rows: readonly string[], epochs: number | null, say: Say): void {
  const at = header.indexOf('epoch')
  let last = Number.NEGATIVE_INFINITY
  rows.forEach((row, i) => {
    const line = i + 2
    const cells = row.split(',').map((cell) => cell.trim())
    if (cells.length !== header.length) {
      const cut = cells.length < header.length && i === rows.length - 1
      const why = cut ? 'it was cut short' : 'a number with a comma in it gives two'
      say(
        line,
        'error',
        'results-row',
        `${cells.length} values under ${header.length} columns: ${why}`,
        'take the file as the trainer wrote it, or train again',
      )
      return
    }
    for (const [k, name] of header.entries()) checkCell(name, cells[k] as string, line, say)
    const epoch = Number(cells[at])
    if (epoch <= last)
      say(
        line,
        'warning',
        'results-epochs',
        `epoch ${epoch} after epoch ${last}: the run was resumed, or two files were joined`,
        'judge by the last run of each epoch',
      )
    last = Math.max(last, epoch)
  })
  if (epochs !== null && Number.isFinite(last) && last < epochs)
    say(
      rows.length + 1,
      'warning',
      'results-early',
      `it ends with epoch ${last} of ${epochs}: patience or a crash, this file cannot tell`,
      'look for the end of the training in its log',
    )
}

function checkCell(name: string, cell: string, line: number, say: Say): void {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(cell) ? Number(cell) : Number.NaN
  if (!Number.isFinite(value)) {
    say(
      line,
      'error',
      'results-number',
      `${shown(name)} is ${shown(cell)}`,
      /^[+-]?(?:nan|inf)/i.test(cell)
        ? 'the training diverged: a lower learning rate, or look for broken boxes'
        : 'take the file as the trainer wrote it',
    )
  } else if (name.startsWith('metrics/') && (value < 0 || value > 1)) {
    say(
      line,
      'error',
      'results-range',
      `${shown(name)} is ${cell}, which is not from 0 to 1`,
      'no trainer writes this: train again',
    )
  } else if (name === 'epoch' && !(Number.isInteger(value) && value >= 0)) {
    say(line, 'error', 'results-number', `the epoch is ${shown(cell)}`, 'take the file as the trainer wrote it')
  }
}

function shown(text: string): string {
  const plain = printable(text)
  return `"${plain.length > 60 ? `${plain.slice(0, 57)}…` : plain}"`
}

import type { Finding, FindingsBody } from '../documents/findings.ts'
import { asideOf, freshFindings, groupedByRule, placeOf } from './check-words.ts'
import { code, counted, fold, plain, table } from './markdown.ts'

/** `facts` are in sight, `folded` is opened by who wants it. */
export type Part = { facts: string[]; folded: string[] }

const inSight = 3
const signs = { error: '✖ error', warning: '! warning', info: '· info' } as const

/** New findings, one a rule in sight, worst first; old, waived and accepted ones are a count. */
export function findingsPart(body: FindingsBody, rows: number): Part {
  const { counts, notes = [], scope } = body
  const fresh = freshFindings(body)
  const words = (['error', 'warning', 'info'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => counted(counts[severity], severity, severity === 'info' ? 'infos' : undefined))
  const looked = `${counted(scope.images, 'image')}, ${counted(scope.boxes, 'box', 'boxes')}`
  const rest = asideOf(body)
  const head = `**New findings:** ${words.join(', ') || `none in ${looked}`}${rest.length > 0 ? ` (not listed: ${rest.join(', ')})` : ''}`
  const groups = groupedByRule(fresh)
  const worst = groups.filter(({ severity }) => severity !== 'info').slice(0, inSight)
  const seen = worst.map(({ findings }) => `- ${findingLine(findings[0] as Finding)}${more(findings.length - 1)}`)
  const listed = groupLines(groups, new Set(worst.map(({ findings }) => findings[0] as Finding)), rows)
  const total = counts.error + counts.warning + counts.info
  const further = total - worst.length
  const blocks = [
    ...(rows > 0 ? [listed.lines] : []),
    ...(rows > 0 && further > listed.count ? [[`- and ${further - listed.count} more in the full report`]] : []),
    ...(rows > 0 ? [pairLines(fresh, rows)] : []),
  ].filter((block) => block.length > 0)
  const remarks = notes.slice(0, mostNotes).map((note) => `- ${plain(note)}`)
  if (remarks.length > 0) blocks.push(blocks.length > 0 ? ['Notes:', '', ...remarks] : remarks)
  const title = [
    further > 0 ? counted(further, 'further finding') : '',
    notes.length > 0 ? counted(notes.length, 'note') : '',
  ].filter(Boolean)
  const lines = blocks.flatMap((block, i) => (i > 0 ? ['', ...block] : block))
  return {
    facts: [head, ...(seen.length > 0 ? ['', ...seen] : [])],
    folded: lines.length > 0 ? fold(title.join(' and ') || 'Findings', lines) : [],
  }
}

const mostNotes = 12

/** Rows shared out among the rules, so that one rule with thousands does not hide the others. */
function groupLines(
  groups: ReturnType<typeof groupedByRule>,
  seen: ReadonlySet<Finding>,
  rows: number,
): { lines: string[]; count: number } {
  const each = Math.max(1, Math.floor(rows / Math.max(1, groups.length)))
  let count = 0
  const lines = groups.slice(0, Math.max(rows, 1)).flatMap(({ rule, severity, findings }) => {
    const open = findings.filter((finding) => !seen.has(finding))
    if (open.length === 0) return []
    const shown = open.slice(0, each)
    const left = open.length - shown.length
    count += open.length
    const mend = shown[0]?.mend ? `: ${plain(shown[0].mend)}` : ''
    return [
      `- ${signs[severity]} ${code(rule)}${mend}`,
      ...shown.map((finding) => `  - ${whereOf(finding)} ${plain(finding.message)}`),
      ...(left > 0 ? [`  - and ${left.toLocaleString('en-US')} more of this rule`] : []),
    ]
  })
  return { lines, count }
}

function more(left: number): string {
  return left > 0 ? `, and ${left.toLocaleString('en-US')} more of this rule` : ''
}

function findingLine(finding: Finding): string {
  const { rule, severity, message, mend } = finding
  const how = mend ? `; ${plain(mend.replace(/\.$/, ''))}` : ''
  return `${signs[severity]} ${whereOf(finding)} ${plain(message)} (${code(rule)}${how})`
}

function whereOf(finding: Finding): string {
  return finding.file === '' ? 'the whole set' : code(placeOf(finding))
}

/** Leaks and copies as pairs, each image with its split. */
function pairLines(fresh: readonly Finding[], rows: number): string[] {
  const pairs = fresh.filter(({ pair }) => pair !== undefined)
  if (pairs.length === 0) return []
  const cells = pairs
    .slice(0, rows)
    .map(({ image, file, pair, rule }) => [code(image ?? file), code(pair?.image ?? ''), pair?.split ?? '', code(rule)])
  const left = pairs.length - cells.length
  const rest = left > 0 ? ['', `and ${counted(left, 'further pair')}`] : []
  return [
    ...table(
      ['image', 'is a pair with', 'of split', 'rule'],
      cells.map((row) => [row[0], row[1], plain(row[2] ?? ''), row[3]] as string[]),
    ),
    ...rest,
  ]
}

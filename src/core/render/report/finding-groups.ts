import type { Finding, FindingsBody } from '../../documents/findings.ts'
import { asideOf, freshFindings, groupedByRule, placeOf } from '../check-words.ts'
import type { CheckReportInput, ReportPicture } from '../report-input.ts'
import { looked } from './findings.ts'
import { html, plural, section } from './html.ts'
import { pictureGrid } from './pictures.ts'

/** Rows in sight a rule, and rows in the page at all; filters reach all of the latter. */
const inSight = 6
const mostRows = 2000

const signs = { error: ['fail', '✗'], warning: ['inconclusive', '!'], info: ['skipped', '·'] } as const

/** New findings by rule, worst first, each with its pictures; what is old, waived or accepted is a count. */
export function findingGroups({ findings: { body }, splits }: CheckReportInput, seen: ReportPicture[]): string {
  const fresh = freshFindings(body)
  const rows = fresh.slice(0, mostRows)
  const groups = groupedByRule(rows).map(({ rule, severity, findings }) => {
    const pictures = seen.filter(({ facets }) => facets?.rule === rule && facets.severity === severity)
    const [type, sign] = signs[severity]
    const [first] = findings
    const all = fresh.filter((finding) => finding.rule === rule && finding.severity === severity).length
    const head = `<h4><span class="mark ${type}" aria-hidden="true">${sign}</span> ${severity} <code>${html(rule)}</code> <span class="soft">${all}</span></h4>`
    const mend = first?.mend ? `<p class="soft small">${html(first.mend)}</p>` : ''
    const items = findings.map((finding) => row(finding, splits))
    const shown = severity === 'info' ? 0 : inSight
    const open = items.length > 0 && shown > 0 ? `<ol class="findings">${items.slice(0, shown).join('\n')}</ol>` : ''
    const rest = items.slice(shown)
    const word = shown === 0 ? `${all} of this rule` : `and ${all - shown} more of this rule`
    const folded =
      rest.length > 0 ? `<details><summary>${word}</summary><ol class="findings">${rest.join('\n')}</ol></details>` : ''
    return `<section class="group">${head}${mend}${open}${folded}${pictures.length > 0 ? pictureGrid(pictures) : ''}</section>`
  })
  const list = groups.length > 0 ? groups.join('\n') : '<p class="soft">Nothing new to mend.</p>'
  return section(titleOf(body), `${filters(rows, splits)}${list}${notes(body, rows.length)}`, looked(body))
}

function titleOf({ counts: { error, warning, info } }: FindingsBody): string {
  if (error + warning + info === 0) return 'New findings: none'
  const parts = [plural(error, 'error'), plural(warning, 'warning'), ...(info > 0 ? [`${info} for information`] : [])]
  return `New findings: ${parts.join(', ')}`
}

function row(finding: Finding, splits: Record<string, string>): string {
  const { rule, severity, fingerprint, message, file } = finding
  const { split, className } = facetsOf(finding, splits)
  const data = Object.entries({ fingerprint, rule, severity, split, class: className })
  const attributes = data.map(([name, value]) => ` data-${name}="${html(value)}"`).join('')
  const aside = [className, split].filter((word) => word !== '').map(html)
  const facts = aside.length > 0 ? ` <span class="soft small">${aside.join(' · ')}</span>` : ''
  const where = file ? `<code>${html(placeOf(finding))}</code>` : placeOf(finding)
  return `<li class="finding"${attributes}><p>${where}${facts}</p><p>${html(message)}</p></li>`
}

function facetsOf(
  { image, boxes = [] }: Finding,
  splits: Record<string, string>,
): { split: string; className: string } {
  const split = image !== null && Object.hasOwn(splits, image) ? (splits[image] as string) : ''
  const drawn = boxes.find(({ role }) => role === 'finding') ?? boxes[0]
  return { split, className: drawn?.label ?? '' }
}

/** Selects with a count an option; the page's script shows them, since without it they could do nothing. */
function filters(rows: readonly Finding[], splits: Record<string, string>): string {
  if (rows.length < 2) return ''
  const values = {
    severity: rows.map(({ severity }) => severity as string),
    rule: rows.map(({ rule }) => rule),
    class: rows.map((finding) => facetsOf(finding, splits).className),
    split: rows.map((finding) => facetsOf(finding, splits).split),
  }
  const selects = Object.entries(values).map(([name, all]) => {
    const counts = new Map<string, number>()
    for (const value of all) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
    const options = [...counts].map(([value, n]) => `<option value="${html(value)}">${html(value)} (${n})</option>`)
    return `<label>${name}<select data-filter="${name}"><option value="">all</option>${options.join('')}</select></label>`
  })
  return `<div class="filters" hidden>${selects.join('')}<output class="soft small" aria-live="polite"></output></div>`
}

function notes(body: FindingsBody, listed: number): string {
  const { error, warning, info } = body.counts
  const more = error + warning + info - listed
  const parts = [...(more > 0 ? [`${more} more new ones`] : []), ...asideOf(body)]
  const unlisted = parts.length > 0 ? [`Not listed: ${parts.join(', ')}.`] : []
  const items = [...unlisted, ...(body.notes ?? [])].map((note) => `<li>${html(note)}</li>`).join('')
  return items ? `<ul class="notes">${items}</ul>` : ''
}

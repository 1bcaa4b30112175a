import type { FindingsBody } from '../../documents/findings.ts'
import type { PullRequestReport } from '../report-input.ts'
import { html, percent, plural, section, table } from './html.ts'

const shownAtMost = 40
const ranks = { error: 0, warning: 1, info: 2 }

/** New findings only, worst first; the others are a count. */
export function findingsList({ findings }: PullRequestReport): string {
  if (!findings) return ''
  const fresh = findings.findings
    .filter((finding) => (finding.status ?? 'new') === 'new' && finding.severity !== 'info')
    .sort((a, b) => ranks[a.severity] - ranks[b.severity])
  const rows = fresh.slice(0, shownAtMost).map((finding) => {
    const error = finding.severity === 'error'
    const where = finding.file
      ? `<code>${html(finding.file)}${finding.line > 0 ? `:${finding.line}` : ''}</code>`
      : 'the whole data set'
    const mend = finding.mend ? `<br><span class="soft">${html(finding.mend)}</span>` : ''
    return [
      `<span class="nowrap"><span class="mark ${error ? 'fail' : 'inconclusive'}" aria-hidden="true">${error ? '✗' : '!'}</span> ${finding.severity}</span>`,
      where,
      `${html(finding.message)}${mend}`,
      `<code class="nowrap">${html(finding.rule)}</code>`,
    ]
  })
  const columns = [
    { head: '' },
    { head: 'where', plain: true },
    { head: 'what, and how to mend it', plain: true },
    { head: 'rule' },
  ]
  const list = table(columns, rows, { empty: 'Nothing new to mend.', stack: true })
  const errors = fresh.filter((finding) => finding.severity === 'error').length
  const title =
    fresh.length === 0
      ? 'New findings: none'
      : `New findings: ${plural(errors, 'error')}, ${plural(fresh.length - errors, 'warning')}`
  return section(title, `${list}${others(findings, fresh.length)}`, looked(findings))
}

/** What was looked at, one sentence. */
export function looked({ scope }: FindingsBody): string {
  const images =
    scope.imagesRead < scope.images ? `${scope.images} images (${scope.imagesRead} read)` : `${scope.images} images`
  return `${plural(scope.rules.length, 'rule')} looked at ${images} and ${plural(scope.boxes, 'box', 'boxes')}.`
}

function others({ findings, notes = [] }: FindingsBody, fresh: number): string {
  const count = (status: string) => findings.filter((finding) => (finding.status ?? 'new') === status).length
  const hints = findings.filter((finding) => (finding.status ?? 'new') === 'new' && finding.severity === 'info').length
  const parts = [
    fresh > shownAtMost ? `${fresh - shownAtMost} more new ones` : '',
    hints > 0 ? `${hints} informative` : '',
    count('old') > 0 ? `${count('old')} that the base has too` : '',
    count('waived') > 0 ? `${count('waived')} waived` : '',
  ].filter((part) => part !== '')
  const unlisted = parts.length > 0 ? [`Not listed: ${parts.join(', ')}.`] : []
  const items = [...unlisted, ...notes].map((note) => `<li>${html(note)}</li>`).join('')
  return items ? `<ul class="notes">${items}</ul>` : ''
}

/** Labels that the champion disagrees with, as counts; their pictures follow. */
export function suspiciousList({ suspicious }: Pick<PullRequestReport, 'suspicious'>): string {
  if (!suspicious) return ''
  const rows = suspicious.byClass.map((item) => [
    html(item.className),
    item.boxes,
    item.flagged,
    item.boxes > 0 ? percent(item.flagged / item.boxes) : '–',
  ])
  const columns = [{ head: 'class' }, ...['new boxes', 'in doubt', 'share'].map((head) => ({ head, numeric: true }))]
  const share = suspicious.boxes > 0 ? `, ${percent(suspicious.flagged / suspicious.boxes)}` : ''
  const lead = `<p>The champion disagrees with <b>${suspicious.flagged}</b> of ${plural(suspicious.boxes, 'new box', 'new boxes')}${share}. This warns, it does not refuse.</p><p class="soft small">${html(suspicious.method)}.</p>`
  return section(
    'Champion against the new labels',
    `<div class="two"><div>${lead}</div><div>${table(columns, rows)}</div></div>`,
  )
}

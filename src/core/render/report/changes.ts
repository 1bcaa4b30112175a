import type { PullRequestReport } from '../report-input.ts'
import { dumbbell } from './charts.ts'
import { html, percent, section, table } from './html.ts'

/** What changed: counts by images and boxes, what was not touched, class shares before and after. */
export function changes(pull: PullRequestReport): string {
  const { diff, drift } = pull
  if (!diff) return ''
  const { images, boxes, classes } = diff
  const validation = diff.bySplit.val
  const touched = validation
    ? validation.images.added +
      validation.images.removed +
      validation.boxes.added +
      validation.boxes.removed +
      validation.boxes.moved +
      validation.boxes.relabelled
    : 0
  const rows = [
    [
      'images',
      `+${images.added}`,
      `−${images.removed}`,
      `${images.resplit} changed split`,
      `${images.renamed} renamed`,
    ],
    ['boxes', `+${boxes.added}`, `−${boxes.removed}`, boxes.moved, boxes.relabelled],
    ...Object.entries(diff.byClass).map(([name, count]) => [
      html(name),
      `+${count.added}`,
      `−${count.removed}`,
      count.moved,
      count.relabelled,
    ]),
  ]
  const columns = [
    { head: '' },
    ...['added', 'removed', 'moved or resized', 'relabelled'].map((head) => ({ head, numeric: true })),
  ]
  const classWord =
    classes.added.length + classes.removed.length + classes.renamed.length === 0
      ? 'Classes and their order: unchanged.'
      : `Classes: ${classes.added.length} added, ${classes.removed.length} removed, ${classes.renamed.length} renamed.`
  const facts = `<p class="small">Validation set: ${touched === 0 ? 'untouched' : `<b>${touched} changes</b>`}. ${classWord}</p>`
  return section(
    'What changed',
    `<div class="two"><div>${table(columns, rows)}${facts}</div><div>${shares(drift)}</div></div>`,
  )
}

function shares(drift: PullRequestReport['drift']): string {
  if (!drift || drift.shares.length === 0) return ''
  const rows = drift.shares
    .slice(0, 14)
    .map((item) => ({ label: item.className, before: item.before, after: item.after }))
  const key =
    '<div class="key"><span><i style="background:var(--champion)"></i>before</span><span><i style="background:var(--candidate)"></i>after, share of boxes</span></div>'
  const beyond = drift.measures.filter((measure) => measure.exceeded)
  const words = beyond
    .map((measure) => `${html(measure.name)} ${measure.value.toFixed(3)} (limit ${measure.limit})`)
    .join(', ')
  const declared = drift.declared.length > 0 ? ` Declared by the proposal: ${html(drift.declared.join('; '))}.` : ''
  const sentence =
    beyond.length > 0
      ? `Drift reports, it does not hold: ${words}.${declared}`
      : `No drift beyond its limits.${declared}`
  return `${dumbbell(rows, 'class shares before and after')}${key}<p class="small">${sentence}</p>`
}

/** New findings only, worst first; old ones are a count. */
export function findingsList(pull: PullRequestReport): string {
  const { findings } = pull
  if (!findings) return ''
  const fresh = findings.findings.filter(
    (finding) => (finding.status ?? 'new') === 'new' && finding.severity !== 'info',
  )
  const old = findings.findings.length - fresh.length
  const shown = fresh.slice(0, 40)
  const rows = shown.map((finding) => [
    `<span class="mark ${finding.severity === 'error' ? 'fail' : 'inconclusive'}">${finding.severity === 'error' ? '✗' : '!'}</span> ${finding.severity}`,
    `<code>${html(finding.file)}${finding.line > 0 ? `:${finding.line}` : ''}</code>`,
    `${html(finding.message)}${finding.mend ? `<br><span class="soft">${html(finding.mend)}</span>` : ''}`,
    `<code>${html(finding.rule)}</code>`,
  ])
  const more = fresh.length > shown.length ? `<p class="soft small">and ${fresh.length - shown.length} more</p>` : ''
  const others =
    old > 0
      ? `<p class="soft small">${old} old, waived or informative finding${old === 1 ? '' : 's'} not listed.</p>`
      : ''
  const list = table(
    [{ head: '' }, { head: 'where' }, { head: 'what, and how to mend it' }, { head: 'rule' }],
    rows,
    'No new finding.',
  )
  return section(
    `New findings: ${findings.counts.error} errors, ${findings.counts.warning} warnings`,
    list + more + others,
  )
}

/** Labels that the champion disagrees with, as counts; the pictures stand elsewhere. */
export function suspiciousList(pull: PullRequestReport): string {
  const { suspicious } = pull
  if (!suspicious) return ''
  const rows = suspicious.byClass.map((item) => [
    html(item.className),
    item.boxes,
    item.flagged,
    item.boxes > 0 ? percent(item.flagged / item.boxes) : '–',
  ])
  const columns = [
    { head: 'class' },
    { head: 'new boxes', numeric: true },
    { head: 'in doubt', numeric: true },
    { head: 'share', numeric: true },
  ]
  const lead = `<p>The champion disagrees with <b>${suspicious.flagged}</b> of ${suspicious.boxes} new boxes. This warns, it does not refuse: ${html(suspicious.method)}</p>`
  return section('Labels in doubt', lead + table(columns, rows))
}

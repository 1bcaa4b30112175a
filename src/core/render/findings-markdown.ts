import type { Finding, FindingsBody } from '../documents/findings.ts'
import { markdownText } from './markdown-text.ts'

/** Findings as markdown: counts, a list a rule, at most `most` places each, then balance and notes. */
export function findingsMarkdown(body: FindingsBody, most = 20): string {
  const { counts, scope } = body
  const parts = [
    `**${body.verdict}**: ${counts.error} errors, ${counts.warning} warnings, ${counts.info} info in ${scope.images} images and ${scope.boxes} boxes.`,
  ]
  const groups = Map.groupBy(body.findings, (finding) => `${finding.rule} ${finding.status ?? 'new'}`)
  for (const group of groups.values()) {
    const [first] = group as [Finding, ...Finding[]]
    const status = (first.status ?? 'new') === 'new' ? '' : `, ${first.status}`
    const items = group.slice(0, most).map((finding) => `- ${place(finding)}${markdownText(finding.message)}`)
    if (group.length > most) items.push(`- and ${group.length - most} more`)
    const heading = `### ${first.severity}: ${first.rule} (${group.length}${status})`
    parts.push([heading, ...(first.mend ? ['', first.mend] : []), '', ...items].join('\n'))
  }
  if (body.balance && body.balance.length > 0) parts.push(balanceTable(body.balance))
  if (body.notes && body.notes.length > 0) parts.push(body.notes.map((note) => `> ${markdownText(note)}`).join('\n>\n'))
  return `${parts.join('\n\n')}\n`
}

function place(finding: Finding): string {
  if (finding.file === '') return ''
  return `${markdownText(finding.file)}${finding.line > 0 ? `:${finding.line}` : ''} · `
}

function balanceTable(balance: NonNullable<FindingsBody['balance']>): string {
  const rows = balance.map(({ className, split, boxes, images, share }) => {
    return `| ${markdownText(className)} | ${split} | ${boxes} | ${images} | ${(share * 100).toFixed(1)} % |`
  })
  return ['| class | split | boxes | images | share |', '|---|---|---:|---:|---:|', ...rows].join('\n')
}

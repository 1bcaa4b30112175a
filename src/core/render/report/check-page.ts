import { documentId } from '../../documents/define.ts'
import { checkReason } from '../check-words.ts'
import { classShares } from '../class-shares.ts'
import type { CheckReportInput } from '../report-input.ts'
import { changes } from './changes.ts'
import { checkScript } from './check-script.ts'
import { checkStyle } from './check-style.ts'
import { findingGroups } from './finding-groups.ts'
import { suspiciousList } from './findings.ts'
import { digestTable, html, section } from './html.ts'
import { pictureGroup } from './pictures.ts'
import { pageShell } from './shell.ts'

/** The check of one data set as one HTML file: verdict first, then what changed, what is new, what is in doubt. */
export function renderCheckReport(input: CheckReportInput): string {
  const { findings, diff, drift, suspicious, pictures } = input
  const { body, subject } = findings
  const id = documentId(findings)
  // Pictures of findings stand beside their rule; the others are groups of their own.
  const ofRules = pictures.flatMap((group) => group.items.filter(({ facets }) => facets?.rule !== undefined))
  const groups = pictures.filter(({ items }) => items.length > 0 && items.some(({ facets }) => !facets?.rule))
  const chosen = pictures.filter(({ items }) => items.some(({ facets }) => facets?.rule)).map((group) => group.chosen)
  const doubt = (group: CheckReportInput['pictures'][number]) =>
    group.items.some((item) => [...item.boxes, ...(item.before ?? [])].some(({ role }) => role === 'suspect'))
  const parts = [
    { id: 'changes', title: 'What changed', body: changes({ diff, drift }, classShares(diff, body.balance)) },
    { id: 'pictures', title: 'Pictures', body: groups.filter((group) => !doubt(group)).map((g) => pictureGroup(g)) },
    {
      id: 'findings',
      title: 'Findings',
      body: [findingGroups(input, ofRules), ...chosen.map((text) => `<p class="soft small">${html(text)}</p>`)],
    },
    {
      id: 'doubt',
      title: 'In doubt',
      body: [suspiciousList({ suspicious }), ...groups.filter(doubt).map((group) => pictureGroup(group))],
    },
    { id: 'recompute', title: 'Recompute', body: recompute(input, id) },
  ]
    .map((part) => ({ ...part, body: [part.body].flat().join('\n') }))
    .filter((part) => part.body.trim() !== '')
  const without = diff
    ? ''
    : '<p class="soft">No base was given: what changed is not known, and every finding counts as new.</p>'
  const missing = input.pictureNote ? `<p class="soft small">${html(input.pictureNote)}</p>` : ''
  return pageShell({
    title: input.title,
    verdict: body.verdict,
    lead: `${checkReason(body)}.`,
    about: input.judgedOn,
    nav: `<nav aria-label="parts of this report">${parts.map((part) => `<a href="#${part.id}"><span>${part.title}</span></a>`).join('')}</nav>`,
    data: ` data-of="${id}" data-subject="${html(JSON.stringify(subject))}"`,
    main: `${without}${missing}\n${parts.map((part) => `<div id="${part.id}">${part.body}</div>`).join('\n')}\n${triageBar}`,
    script: checkScript,
    style: checkStyle,
  })
}

const triageBar = `<div class="bar" hidden role="group" aria-label="triage"><output aria-live="polite"></output><label><span class="aside">your name, optional</span><input autocomplete="off" placeholder="your name" size="12"></label><button type="button">save decisions</button><span class="keys soft small"><kbd>j</kbd> <kbd>k</kbd> move · <kbd>a</kbd> accept · <kbd>r</kbd> reject · <kbd>u</kbd> undo</span></div>`

function recompute({ recompute: commands, findings }: CheckReportInput, id: string): string {
  const digests = Object.entries(findings.subject).map(([label, value]) => ({ label, value }))
  const list = digestTable([{ label: 'these findings', value: id }, ...digests])
  const how = commands.length > 0 ? `<pre>${html(commands.join('\n'))}</pre>` : ''
  return section('Recompute it', `${how}${list}`)
}

import { createHash } from 'node:crypto'
import type { VerdictWord } from '../report-input.ts'
import { badge, html, sentence } from './html.ts'
import { style } from './style.ts'

/** A page of evidence as one file: no network, no framework, and only its own script may run. */
export function pageShell(page: {
  title: string
  /** Absent on a page that measures and does not judge. */
  verdict?: VerdictWord
  lead: string
  about: string
  nav: string
  main: string
  /** Attributes of the main element, ready HTML. */
  data?: string
  script: string
  /** Further rules of this page's own. */
  style?: string
}): string {
  const hash = createHash('sha256').update(page.script).digest('base64')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<title>${html(page.title)}${page.verdict ? `: ${page.verdict}` : ''}</title><style>${style}${page.style ?? ''}</style></head><body>
<header>${page.verdict ? `<p>${badge(page.verdict)}</p>` : ''}<h1>${html(page.title)}</h1><p class="lead">${sentence(page.lead)}</p><p class="soft small">${html(page.about)}</p></header>
${page.nav}
<main${page.data ?? ''}>
${page.main}
</main><script>${page.script}</script></body></html>
`
}

import type { PullRequestReport, ReportInput } from '../report-input.ts'
import { changes, findingsList, suspiciousList } from './changes.ts'
import { gateTable, releases, rollouts } from './gates.ts'
import { badge, html, mark, seconds, section, table } from './html.ts'
import { modelSection } from './model.ts'
import { pictureGroups } from './pictures.ts'
import { style } from './style.ts'

// J and K move between pictures; the page reads well without it.
const script = `addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey||!/^[jk]$/i.test(e.key))return;const f=[...document.querySelectorAll('figure[tabindex]')],i=f.indexOf(document.activeElement),n=f[Math.max(0,Math.min(f.length-1,i+(e.key.toLowerCase()==='j'?1:-1)))];if(n){n.focus();n.scrollIntoView({block:'center'})}})`

/** The whole report as one HTML file: no network, no framework, light and dark, phone and paper. */
export function renderReport(input: ReportInput): string {
  const links = [
    ...input.pulls.map((pull) => `<a href="#pull-${pull.number}">Pull request ${pull.number}</a>`),
    ...(input.releases.length > 0 ? ['<a href="#release">Release</a>'] : []),
    ...(input.rollouts.length > 0 ? ['<a href="#rollout">Rollout</a>'] : []),
    '<a href="#recompute">Recompute</a>',
  ]
  const body = [
    `<header>${badge(input.verdict)}<h1>${html(input.title)}</h1><p>${html(input.reason)}</p><p class="soft small">${html(input.about)}</p><nav>${links.join('')}</nav></header>`,
    timeline(input),
    ...input.pulls.map(pullRequest),
    input.releases.length > 0 ? `<h2 id="release">Release</h2>${releases(input)}` : '',
    input.rollouts.length > 0 ? `<h2 id="rollout">Shadow, canary, promotion</h2>${rollouts(input)}` : '',
    recompute(input),
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${html(input.title)}</title><style>${style}</style></head><body><main>
${body.filter((part) => part !== '').join('\n')}
</main><script>${script}</script></body></html>
`
}

function timeline(input: ReportInput): string {
  const items = input.timeline.map(
    (step) =>
      `<li>${mark(step.verdict)}<b>${html(step.title)}</b><span class="time">${seconds(step.seconds)}</span><span class="fact">${html(step.fact)}</span></li>`,
  )
  const notes = input.notes.map((note) => `<p class="soft small">${html(note)}</p>`).join('')
  return `<ol class="timeline">${items.join('\n')}</ol>${notes}`
}

function pullRequest(pull: PullRequestReport): string {
  const stages = pull.stages.map(
    (stage) => `<li><b>${mark(stage.verdict)} ${html(stage.label)}</b><small>${html(stage.fact)}</small></li>`,
  )
  return `<h2 id="pull-${pull.number}">Pull request ${pull.number}: ${html(pull.title)}</h2>
<p>${badge(pull.verdict)} ${pull.merged ? 'merged' : 'not merged'}</p><p><b>${html(pull.headline)}</b></p><p>${html(pull.about)}</p>
<p class="soft small"><code>${html(pull.branch)}</code> · ${html(pull.judgedOn)}</p>
<ol class="stages">${stages.join('')}</ol>
${changes(pull)}
${pictureGroups(pull.pictures)}
${findingsList(pull)}
${suspiciousList(pull)}
${modelSection(pull)}
${gateTable(pull)}
<details><summary>the comment on the pull request, as posted</summary><pre>${html(pull.comment)}</pre></details>`
}

function recompute(input: ReportInput): string {
  const commands = `<pre>${html(input.recompute.join('\n'))}</pre>`
  const digests = table(
    [{ head: 'what' }, { head: 'digest' }],
    input.digests.map(({ label, value }) => [html(label), `<code>${html(value)}</code>`]),
  )
  return `<h2 id="recompute">Recompute it</h2>${section('Commands', commands)}${section('Digests', digests)}`
}

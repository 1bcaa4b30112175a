import type { PullRequestReport, ReportInput } from '../report-input.ts'
import { changes } from './changes.ts'
import { findingsList, suspiciousList } from './findings.ts'
import { gateTests } from './gate-tests.ts'
import { gateTable } from './gates.ts'
import { badge, digestTable, html, mark, plural, seconds, section, sentence } from './html.ts'
import { latencySection } from './latency.ts'
import { modelSection } from './model.ts'
import { pictureKeys } from './page-script.ts'
import { pictureGroups } from './pictures.ts'
import { releases, rollouts } from './release.ts'
import { pageShell } from './shell.ts'
import { smokeSection, trainingSection } from './training.ts'

/** The whole report as one HTML file: no network, no framework, light and dark, phone and paper. */
export function renderReport(input: ReportInput): string {
  const body = [
    timeline(input),
    ...input.pulls.map(pullRequest),
    input.releases.length > 0
      ? `<article aria-labelledby="release"><h2 id="release">Release</h2>${releases(input)}</article>`
      : '',
    input.rollouts.length > 0
      ? `<article aria-labelledby="rollout"><h2 id="rollout">Shadow, canary, promotion</h2>${rollouts(input)}</article>`
      : '',
    gateTests(input),
    recompute(input),
  ]
  return pageShell({
    title: input.title,
    verdict: input.verdict,
    lead: input.reason,
    about: input.about,
    nav: contents(input),
    main: body.filter((part) => part !== '').join('\n'),
    script: pictureKeys,
  })
}

function contents(input: ReportInput): string {
  const links = [
    ...input.pulls.map(
      (pull) =>
        `<a href="#pull-${pull.number}">${mark(pull.verdict)}<span>#${pull.number} ${html(pull.title)}</span></a>`,
    ),
    ...(input.releases.length > 0 ? ['<a href="#release"><span>Release</span></a>'] : []),
    ...(input.rollouts.length > 0 ? ['<a href="#rollout"><span>Rollout</span></a>'] : []),
    ...(input.gateTests?.length ? ['<a href="#gate-tests"><span>Gates tested</span></a>'] : []),
    '<a href="#recompute"><span>Recompute</span></a>',
  ]
  return `<nav aria-label="parts of this report">${links.join('')}</nav>`
}

function timeline(input: ReportInput): string {
  const items = input.timeline.map((step) => {
    const pull = input.pulls.find((item) => step.title.endsWith(`: ${item.title}`))
    const title = pull ? `<a href="#pull-${pull.number}">${html(step.title)}</a>` : html(step.title)
    const time = step.seconds > 0 ? seconds(step.seconds) : ''
    return `<li>${mark(step.verdict)}<b>${title}</b><span class="time">${time}</span><span class="fact">${sentence(step.fact)}</span></li>`
  })
  const notes = input.notes.map((note) => `<li>${html(note)}</li>`).join('')
  const steps = items.length > 0 ? `<ol class="timeline">${items.join('\n')}</ol>` : ''
  return `${steps}${notes ? `<ul class="notes">${notes}</ul>` : ''}`
}

function pullRequest(pull: PullRequestReport): string {
  const stages = pull.stages.map(
    (stage) =>
      `<li class="${stage.verdict}"><b>${mark(stage.verdict)} ${html(stage.label)}</b><small>${html(stage.fact)}</small></li>`,
  )
  const id = `pull-${pull.number}`
  return `<article aria-labelledby="${id}"><h2 id="${id}"><small>Pull request ${pull.number}</small> ${html(pull.title)}</h2>
<p>${badge(pull.verdict)} ${pull.merged ? 'merged' : 'not merged'}</p><p class="lead">${sentence(pull.headline)}</p><p>${html(pull.about)}</p>
<p class="soft small"><code>${html(pull.branch)}</code> · ${html(pull.judgedOn)}</p>
${stages.length > 0 ? `<ol class="stages">${stages.join('')}</ol>` : ''}
${[
  changes(pull),
  pictureGroups(pull.pictures, 'data'),
  findingsList(pull),
  suspiciousList(pull),
  pictureGroups(pull.pictures, 'doubt'),
  smokeSection(pull),
  modelSection(pull),
  pictureGroups(pull.pictures, 'model'),
  trainingSection(pull),
  latencySection(pull),
  gateTable(pull),
]
  .filter((part) => part !== '')
  .join('\n')}
${pull.comment ? `<details><summary>The comment on the pull request, as posted</summary><pre>${html(pull.comment)}</pre></details>` : ''}</article>`
}

function recompute(input: ReportInput): string {
  const total = input.timeline.reduce((sum, step) => sum + step.seconds, 0)
  const cost = total > 0 ? `<p>Cost: ${seconds(total)} in all, over ${plural(input.timeline.length, 'step')}.</p>` : ''
  const commands =
    input.recompute.length > 0
      ? `<pre>${html(input.recompute.join('\n'))}</pre>`
      : '<p class="soft">No command was recorded.</p>'
  const digests = digestTable(input.digests, 'No evidence was written.')
  const folded =
    input.digests.length > 6
      ? `<details><summary>${input.digests.length} documents of evidence, each by its digest</summary>${digests}</details>`
      : digests
  return `<article aria-labelledby="recompute"><h2 id="recompute">Recompute it</h2>${cost}${section('Commands', commands)}${section('Digests', folded)}</article>`
}

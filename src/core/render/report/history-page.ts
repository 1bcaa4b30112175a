import { type HistoryPoint, historyChart } from './history-chart.ts'
import type { Bounds, ReleaseHistory, ReleaseRecord } from './history-input.ts'
import { ap, html, plural, range, section, shortDigest, table } from './html.ts'
import { pageShell } from './shell.ts'

type Model = ReleaseHistory['models'][number]
const mostClasses = 12

/** Every metric of every release with its interval: charts, the numbers beside them, and what is not known. */
export function renderHistory(history: ReleaseHistory, recompute: readonly string[]): string {
  const { models } = history
  const count = models.reduce((sum, { releases }) => sum + releases.length, 0)
  const id = (i: number) => `model-${i}`
  return pageShell({
    title: 'Releases',
    lead: count === 0 ? 'No release yet.' : models.map((model) => leadOf(model)).join(' '),
    about: 'From annotated tags, their manifests and the evidence that these name by digest; nothing else is believed.',
    nav: `<nav aria-label="parts of this page">${models.map(({ model }, i) => `<a href="#${id(i)}"><span>${html(model)}</span></a>`).join('')}<a href="#recompute"><span>Recompute</span></a></nav>`,
    main: [
      count === 0
        ? '<p>An annotated tag <code>MODEL@vMAJOR.MINOR.PATCH</code> makes a release: <code>sluice release</code> writes one.</p>'
        : '',
      ...models.map(
        (model, i) =>
          `<article aria-labelledby="${id(i)}"><h2 id="${id(i)}">${html(model.model)}</h2>${modelPart(model)}</article>`,
      ),
      `<div id="recompute">${section('Recompute it', `<pre>${html(recompute.join('\n'))}</pre><p class="soft small">Evidence was looked for in ${history.searched.map((place) => html(place)).join(', ')}.</p>`)}</div>`,
    ].join('\n'),
    script: '',
  })
}

function leadOf({ model, releases }: Model): string {
  const known = releases.filter(({ map }) => map !== null)
  const [first, last] = [known[0], known.at(-1)]
  const of = `${plural(releases.length, 'release')} of ${model}`
  if (!first || !last) return `${of}.`
  if (first === last) return `${of}: mAP50-95 ${ap(last.map)}.`
  return `${of}: mAP50-95 ${ap(first.map)} in ${first.version}, ${ap(last.map)} in ${last.version}.`
}

function modelPart({ releases }: Model): string {
  const yardsticks = new Set(releases.flatMap(({ validation }) => validation?.set ?? []))
  const other =
    yardsticks.size > 1
      ? `<p class="soft small">${yardsticks.size} validation sets: a dashed line stands between scores that cannot be compared; <code>sluice compare --before</code> splits such a change.</p>`
      : ''
  return [
    section(
      'Quality',
      `${other}${qualityCharts(releases)}`,
      'Bars: above the lower end with 95 %, below the upper with 99 %, over scenes. A hollow dot has no interval.',
    ),
    numbers(releases),
    byClass(releases),
    latency(releases),
    unknown(releases),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const yardstickOf = ({ validation }: ReleaseRecord) => validation?.set ?? ''

function pointsOf(
  releases: ReleaseRecord[],
  of: (release: ReleaseRecord) => { value: number; interval: Bounds } | null,
) {
  return releases.flatMap((release) => {
    const found = of(release)
    if (!found || found.value < 0) return []
    const { interval } = found
    const ends = { low: interval?.lower95 ?? null, high: interval?.upper99 ?? null }
    return [{ label: release.version, value: found.value, ...ends, yardstick: yardstickOf(release) }]
  })
}

function qualityCharts(releases: ReleaseRecord[]): string {
  const points = pointsOf(releases, ({ map, interval }) => (map === null ? null : { value: map, interval }))
  if (points.length === 0) return '<p class="soft">No evaluation was found, so no score is drawn.</p>'
  const charts = [
    chartOf('mAP50-95', points, 'mAP50-95 by release, with intervals'),
    chartOf(
      'mAP50',
      pointsOf(releases, ({ map50, map50Interval: interval }) => (map50 === null ? null : { value: map50, interval })),
      'mAP50 by release, with intervals',
    ),
    chartOf('Recall at the operating point', recallPoints(releases), 'recall by release, with intervals'),
    chartOf(
      'Calibration error (ECE, lower is better)',
      pointsOf(releases, ({ ece }) => (ece === null ? null : { value: ece, interval: null })),
      'calibration error by release',
    ),
  ]
  return `<div class="two">${charts.join('')}${dataChart(releases)}</div>`
}

function chartOf(title: string, points: HistoryPoint[], label: string): string {
  return points.length === 0 ? '' : `<div><h4>${title}</h4>${historyChart(points, { label, floor: 0 })}</div>`
}

/** Recall at another operating point is another quantity, so that it is a yardstick of its own. */
function recallPoints(releases: ReleaseRecord[]): HistoryPoint[] {
  return releases.flatMap((release) =>
    pointsOf([release], ({ recall }) => recall).map((point) => ({
      ...point,
      yardstick: `${point.yardstick} ${release.recall?.confidence} ${release.recall?.iou}`,
    })),
  )
}

function dataChart(releases: ReleaseRecord[]): string {
  const points = releases.flatMap(({ version, trainImages }) =>
    trainImages === null
      ? []
      : [{ label: version, value: trainImages, low: trainImages, high: trainImages, yardstick: '' }],
  )
  // One size, or always the same, is a number and stands in the table.
  if (new Set(points.map(({ value }) => value)).size < 2) return ''
  return `<div><h4>Training images</h4>${historyChart(points, { label: 'training images by release', floor: 0 })}</div>`
}

function byClass(releases: ReleaseRecord[]): string {
  const names = [...new Set(releases.flatMap(({ perClass }) => perClass.map(({ className }) => className)))]
  const charts = names.slice(0, mostClasses).flatMap((name) => {
    const points = pointsOf(releases, ({ perClass }) => {
      const found = perClass.find(({ className }) => className === name)
      return found ? { value: found.ap, interval: found.interval } : null
    })
    if (points.length === 0) return []
    return [
      `<div><h4>${html(name)}</h4>${historyChart(points, { label: `AP50-95 of ${name} by release, with intervals`, floor: 0, small: true })}</div>`,
    ]
  })
  const rest = names.length - mostClasses
  const more =
    rest > 0 ? `<p class="soft small">${plural(rest, 'further class', 'further classes')} not drawn.</p>` : ''
  return charts.length > 0 ? section('By class', `<div class="three">${charts.join('')}</div>${more}`) : ''
}

function latency(releases: ReleaseRecord[]): string {
  const targets = [...new Set(releases.flatMap(({ latency: of }) => of?.target ?? []))]
  const charts = targets.map((target) => {
    const points = releases.flatMap(({ version, latency: of }) =>
      of?.target === target ? [{ label: version, value: of.value, low: of.low, high: of.high, yardstick: '' }] : [],
    )
    const label = `p50 latency over that of the champion of the day, on ${target}, with intervals`
    return `<div><h4>${html(target)}</h4>${historyChart(points, { label, limit: 1 })}</div>`
  })
  return section(
    'Latency against the champion of the day',
    charts.length > 0 ? `<div class="two">${charts.join('')}</div>` : '',
    'Ratio of the medians, interleaved on one machine; below 1 is faster.',
  )
}

function numbers(releases: ReleaseRecord[]): string {
  const columns = [
    { head: 'release' },
    { head: 'labels' },
    ...['training images', 'validation', 'mAP50-95', 'mAP50', 'recall', 'ECE', 'p50 latency'].map((head) => ({
      head,
      numeric: true,
    })),
    { head: 'verdict' },
  ]
  const rows = releases.map((release) => [
    html(release.version),
    release.labels ? shortDigest(release.labels) : '–',
    release.trainImages ?? '–',
    release.validation ? `${release.validation.images} in ${plural(release.validation.scenes, 'scene')}` : '–',
    score(release.map, release.interval),
    score(release.map50, release.map50Interval),
    release.recall ? score(release.recall.value, release.recall.interval) : '–',
    release.ece === null ? '–' : release.ece.toFixed(3),
    ratioOf(release.latency),
    html(release.verdict ?? '–'),
  ])
  return section('Numbers', table(columns, rows))
}

function score(value: number | null, interval: Bounds): string {
  if (value === null) return '–'
  return `<span class="estimate"><b>${ap(value)}</b> ${range(interval?.lower95, interval?.upper99, ap)}</span>`
}

function ratioOf(of: ReleaseRecord['latency']): string {
  if (!of) return '–'
  return `<span class="estimate">× ${of.value.toFixed(3)} ${range(of.low ?? undefined, of.high ?? undefined, (end) => end.toFixed(3))}</span>`
}

function unknown(releases: ReleaseRecord[]): string {
  const items = releases.flatMap(({ version, missing }) =>
    missing.map((text) => `<li><b>${html(version)}</b>: ${html(text)}</li>`),
  )
  const mend =
    '<p class="soft small">Name the folder that has it with <code>--evidence DIR</code>, or fetch it: <code>dvc pull</code>.</p>'
  return items.length > 0 ? section('Not known', `<ul class="notes">${items.join('')}</ul>${mend}`) : ''
}

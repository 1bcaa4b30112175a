import type { RolloutStateBody } from '../../documents/release.ts'
import type { ReportInput } from '../report-input.ts'
import { lines } from './charts.ts'
import { badge, html, interval, key, percent, plural, range, section, sentence, shortDigest, table } from './html.ts'

type Release = ReportInput['releases'][number]

/** Releases: what they consist of, and parity of each artefact with its verdict. */
export function releases(input: ReportInput): string {
  return input.releases.map(release).join('\n')
}

function release({ tag, manifest, parity }: Release): string {
  const { preprocessing: pre, postprocessing: post, expected } = manifest
  const artifacts = table(
    [{ head: 'ships as' }, { head: 'size', numeric: true }, { head: 'state' }, { head: 'SHA-256' }],
    manifest.artifacts.map((item) => [html(item.format), size(item.bytes), html(item.state), shortDigest(item.sha256)]),
    { empty: 'No artefact.' },
  )
  const facts = [
    `Weights ${shortDigest(manifest.tensors)} from labels ${shortDigest(manifest.dataset.labels)} of commit ${shortDigest(manifest.dataset.commit)}.`,
    `Sees ${pre.size} × ${pre.size} pixels as ${pre.channels}; keeps boxes from confidence ${post.confidence}, NMS ${html(post.nms)} at IoU ${post.iou}, at most ${post.maxDetections} an image.`,
    `The manifest, whose digest the tag carries, names ${plural(manifest.evidence.length, 'document')} of evidence.`,
    ...(manifest.overrides ?? []).map(
      ({ what, reason }) => `<b>Not judged with this ${what}</b>; overridden by hand: ${html(reason)}.`,
    ),
    ...(expected
      ? [
          `On ${plural(expected.images, 'validation image')} it has no box for ${percent(expected.lost, 1)} of the champion's confident boxes, and ${percent(expected.gained, 1)} of its own are new: what a rollout may expect to see.`,
        ]
      : []),
  ]
  const notes = `<ul class="notes">${facts.map((fact) => `<li>${fact}</li>`).join('')}</ul>`
  return section(
    tag,
    `<p>${badge(manifest.verdict)}</p><div class="two"><div>${artifacts}</div><div>${notes}</div></div>${parityTable(parity)}`,
  )
}

function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

function parityTable(parity: Release['parity']): string {
  if (parity.length === 0) return '<p class="soft">No further artefact was compared with the gated one.</p>'
  const rows = parity.map(({ label, body, verdict, reason }) => {
    const measured = body.state === 'measured'
    const words = `${html(label)}<br><span class="soft">${sentence(measured ? withoutNumbers(reason) : reason)}</span>`
    const cells = [
      interval(body.map.difference, 4),
      `${body.boxes.matched} of ${body.boxes.reference}`,
      body.boxes.maxCornerPx.toFixed(2),
      size(body.artifact.bytes),
    ]
    return [badge(verdict), words, ...(measured ? cells : ['not measured', '–', '–', size(body.artifact.bytes)])]
  })
  const columns = [
    { head: '' },
    { head: 'artefact', plain: true },
    ...['mAP50-95 against the gated', 'boxes matched', 'worst corner, px', 'size'].map((head) => ({
      head,
      numeric: true,
    })),
  ]
  return `<h4>Parity: does what ships give the boxes that were gated?</h4>${table(columns, rows, { stack: true })}`
}

/** The change and its interval stand in their own cell. */
function withoutNumbers(reason: string): string {
  return reason.replace(/^map-loss of [^:]*: [−\d.]+ \[[^\]]*\] /, 'the change in mAP50-95 ')
}

/** Rollouts: where each ended, and every look of its sequential test. */
export function rollouts(input: ReportInput): string {
  return input.rollouts
    .map(({ title, verdict, headline, state }) => {
      const where = `${html(state.champion)} → ${html(state.challenger)} on ${html(state.channel)}; ended ${html(state.phase.replace('-', ' '))} with ${percent(state.weight)} of traffic.`
      return section(
        title,
        `<p>${badge(verdict)}</p><p class="lead">${sentence(headline)}</p><p class="soft small">${where}</p>${lastMeasures(state.looks)}${harmCharts(title, state)}${looks(state)}`,
      )
    })
    .join('\n')
}

type Look = RolloutStateBody['looks'][number]
type Point = { value: number; low: number; high: number }

/** Each measure of harm over the looks, with its interval and the limit that it may not pass. */
function harmCharts(title: string, { looks: all }: RolloutStateBody): string {
  const names = [...new Set(all.flatMap((look) => (look.measures ?? []).map(({ measure }) => measure)))]
  const charts = names.map((name) => {
    const found = all.flatMap((look, i) => {
      const measure = look.measures?.find((item) => item.measure === name)
      return measure && measure.n > 0 ? [{ ...measure, at: i + 1 }] : []
    })
    return { name, chart: found.length > 1 ? harmChart(`${title}: ${name}`, found, found.at(-1)?.limit) : '' }
  })
  const drawn = charts.filter(({ chart }) => chart !== '')
  if (drawn.length === 0) return ''
  const words = key([
    { color: 'var(--candidate)', word: 'observed' },
    { color: 'var(--champion)', word: 'its interval, valid at every look', dashed: true },
    { color: 'var(--fail)', word: 'limit, at most', dashed: true },
  ])
  return `${words}<div class="three">${drawn.map(({ name, chart }) => `<div><h4>${harmName(name)}</h4>${chart}</div>`).join('')}</div>`
}

function harmChart(label: string, found: (Point & { at: number })[], limit: number | undefined): string {
  const line = (pick: keyof Point, color: string, dashed = false) => ({
    color,
    dashed,
    points: found.map((point): [number, number] => [point.at, point[pick]]),
  })
  const series = [
    line('value', 'var(--candidate)'),
    line('low', 'var(--champion)', true),
    line('high', 'var(--champion)', true),
  ]
  const values = [...found.flatMap(({ low, high }) => [low, high]), limit ?? 0]
  const range: [number, number] = [Math.min(0, floorTenth(Math.min(...values))), -floorTenth(-Math.max(...values))]
  return lines(series, {
    label: `${label}, by look`,
    x: 'look',
    y: '',
    whole: true,
    percent: true,
    yRange: range,
    limit,
  })
}

const harms: Record<string, string> = {
  lost: 'boxes of the champion lost',
  failures: 'requests that only the challenger fails',
  latency: 'requests that are too slow',
  flood: 'frames flooded with boxes',
}

function harmName(measure: string): string {
  return html(harms[measure] ?? measure)
}

function floorTenth(value: number): number {
  return Math.floor(value * 10) / 10
}

/** What each measure was when the rollout ended. */
function lastMeasures(looks: Look[]): string {
  const last = looks.findLast((look) => (look.measures ?? []).length > 0)
  if (!last?.measures) return ''
  const words = { harm: badge('fail'), safe: badge('pass'), open: badge('inconclusive') }
  const rows = last.measures.map((item) => [
    words[item.judged],
    harmName(item.measure),
    `<span class="estimate"><b>${write(item.value)}</b> ${range(item.low, item.high, write)}</span>`,
    `≤ ${write(item.limit)}`,
    item.n,
  ])
  const columns = [
    { head: '' },
    { head: 'harm, last look', plain: true },
    ...['observed', 'limit', 'pairs'].map((head) => ({ head, numeric: true })),
  ]
  return table(columns, rows, { stack: true })
}

/** Harm is a share: percent, with its sign. */
function write(value: number): string {
  return `${(value * 100).toFixed(1)} %`.replace('-', '−')
}

/** The looks that decided something; all of them folded beneath. */
function looks({ looks: all }: RolloutStateBody): string {
  const deciding = all.filter((look) => look.decision !== 'continue')
  const folded =
    all.length > deciding.length
      ? `<details><summary>All ${plural(all.length, 'look')}</summary>${lookTable(all)}</details>`
      : ''
  return `<h4>What the looks decided</h4>${lookTable(deciding)}${folded}`
}

function lookTable(looks: Look[]): string {
  const rows = looks.map((look) => [
    `<span class="nowrap">${html(look.step)}</span>`,
    look.requests,
    `<span class="estimate">${write(look.statistic)} ${range(look.low, look.high, write)}</span>`,
    `<b>${html(look.decision)}</b>`,
    html(look.reason),
  ])
  const columns = [
    { head: 'step', plain: true },
    { head: 'requests', numeric: true },
    { head: 'harm, with its interval', numeric: true },
    { head: 'decision' },
    { head: 'why' },
  ]
  return table(columns, rows, { empty: 'No look has decided anything yet.', stack: true })
}

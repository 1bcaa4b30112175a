import type { VerdictLine } from '../../documents/verdict.ts'
import type { PullRequestReport, ReportInput } from '../report-input.ts'
import { lines } from './charts.ts'
import { badge, html, section, shortDigest, table } from './html.ts'

/** Gates: measure, limit with direction and unit, observed with interval, verdict, what would settle it. */
export function gateTable({ gate }: PullRequestReport): string {
  if (!gate) return ''
  const rows = gate.lines.map((line) => [
    badge(line.verdict),
    `${html(line.measure)}<br><code>${html(line.gate)}</code>`,
    limit(line),
    observed(line),
    `${html(line.reason)}${line.settle ? `<br><span class="soft">To settle it: ${html(line.settle)}${line.holds ? '' : ' (reported, does not hold)'}</span>` : ''}`,
    line.evidence ? shortDigest(line.evidence) : '<span class="soft">none</span>',
  ])
  const columns = [
    { head: 'verdict' },
    { head: 'measure' },
    { head: 'limit', numeric: true },
    { head: 'observed', numeric: true },
    { head: 'why' },
    { head: 'evidence' },
  ]
  return section(`Gates: ${gate.verdict}`, `<p>${html(gate.reason)}</p>${table(columns, rows)}`)
}

function limit(line: VerdictLine): string {
  if (line.limit === null || line.direction === 'none') return '–'
  return `${line.direction === 'at least' ? '≥' : '≤'} ${number(line.limit)} ${html(line.unit)}`
}

function observed(line: VerdictLine): string {
  if (line.observed === null) return '–'
  const range =
    line.low !== undefined && line.high !== undefined
      ? `<br><span class="soft">[${number(line.low)}, ${number(line.high)}]</span>`
      : ''
  return `${number(line.observed)}${range}`
}

function number(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−')
}

/** Releases: manifest, artefacts, parity of each with its verdict. */
export function releases(input: ReportInput): string {
  return input.releases
    .map(({ tag, manifest, parity }) => {
      const artifacts = manifest.artifacts.map((item) => [
        html(item.format),
        `${Math.round(item.bytes / 1024)} KiB`,
        html(item.state),
        shortDigest(item.sha256),
      ])
      const rows = parity.map(({ label, body, verdict, reason }) => [
        badge(verdict),
        html(label),
        `${body.boxes.matched} of ${body.boxes.reference}`,
        body.boxes.maxCornerPx.toFixed(2),
        `${body.map.difference.value >= 0 ? '+' : '−'}${Math.abs(body.map.difference.value).toFixed(4)}`,
        html(reason),
      ])
      const columns = [
        { head: 'verdict' },
        { head: 'artefact' },
        { head: 'boxes matched', numeric: true },
        { head: 'worst corner, px', numeric: true },
        { head: 'mAP against gated', numeric: true },
        { head: 'why' },
      ]
      const artifactTable = table(
        [{ head: 'artefact' }, { head: 'size', numeric: true }, { head: 'state' }, { head: 'sha256' }],
        artifacts,
      )
      const parityTable = parity.length > 0 ? table(columns, rows) : ''
      return section(
        `Release ${tag}`,
        `${artifactTable}${parityTable}`,
        `${manifest.evidence.length} evidence documents are named in the manifest; the tag carries its digest.`,
      )
    })
    .join('\n')
}

/** Rollouts: each look of the sequential test, weight and harm over requests. */
export function rollouts(input: ReportInput): string {
  return input.rollouts
    .map(({ title, verdict, headline, state }) => {
      const rows = state.looks.map((look) => [
        html(look.step),
        look.requests,
        look.statistic.toFixed(3),
        `[${look.low.toFixed(3)}, ${look.high.toFixed(3)}]`,
        html(look.decision),
        html(look.reason),
      ])
      const columns = [
        { head: 'step' },
        { head: 'requests', numeric: true },
        { head: 'harm', numeric: true },
        { head: 'interval, valid at any look', numeric: true },
        { head: 'decision' },
        { head: 'why' },
      ]
      const points = (pick: 'statistic' | 'low' | 'high') =>
        state.looks.map((look, i): [number, number] => [i + 1, look[pick]])
      const chart =
        state.looks.length > 1
          ? lines(
              [
                { color: 'var(--candidate)', points: points('statistic') },
                { color: 'var(--champion)', dashed: true, points: points('low') },
                { color: 'var(--champion)', dashed: true, points: points('high') },
              ],
              { label: `${title}: harm at each look`, x: 'look', y: 'harm', width: 620, height: 220 },
            )
          : ''
      const key = chart
        ? '<div class="key"><span><i style="background:var(--candidate)"></i>harm</span><span><i style="background:var(--champion)"></i>its interval</span></div>'
        : ''
      return section(
        title,
        `<p>${badge(verdict)} ${html(headline)}</p>${chart}${key}<details${rows.length <= 8 ? ' open' : ''}><summary>${rows.length} looks</summary>${table(columns, rows)}</details>`,
      )
    })
    .join('\n')
}

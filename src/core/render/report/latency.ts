import { placeOf } from '../../compare/latency-run.ts'
import type { LatencyBody } from '../../documents/operational.ts'
import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { lines } from './charts.ts'
import { html, key, percent, plural, ratio, section, table } from './html.ts'

/** Latency: ratios with intervals, since they decide; milliseconds of this machine; how long an image takes. */
export function latencySection({ latency }: PullRequestReport): string {
  if (!latency) return ''
  const { arms, protocol, noise, partsMs } = latency
  const ratios = table(
    [
      { head: `${html(arms.at(-1)?.name ?? 'candidate')} over ${html(arms[0]?.name ?? 'baseline')}` },
      { head: 'ratio', numeric: true },
    ],
    [
      ['p50', ratio(latency.ratioP50)],
      ['p95', ratio(latency.ratioP95)],
    ],
  )
  const columns = [
    { head: 'model' },
    ...['p50 ms', 'p95 ms', 'p99 ms', 'images/s', 'MiB'].map((head) => ({ head, numeric: true })),
  ]
  const rows = arms.map((arm) => [
    html(arm.name),
    arm.p50Ms.toFixed(2),
    arm.p95Ms.toFixed(2),
    arm.p99Ms.toFixed(2),
    arm.imagesPerSecond.toFixed(0),
    Math.round(arm.peakMemoryMiB),
  ])
  const facts = [
    `On ${html(placeOf(latency))}. Below 1 the ${html(arms.at(-1)?.name ?? 'candidate')} is faster.`,
    noise.noisy
      ? `<b>The machine was noisy</b>: run medians spread by ${percent(noise.betweenRunsCv)}.`
      : `Run medians spread by ${percent(noise.betweenRunsCv)}.`,
    `One image, medians: decode ${ms(partsMs.decode)}, preprocess ${ms(partsMs.preprocess)}, inference ${ms(partsMs.inference)}, postprocess ${ms(partsMs.postprocess)}.`,
  ]
  const notes = `<ul class="notes">${facts.map((fact) => `<li>${fact}</li>`).join('')}</ul>`
  return section(
    'Latency',
    `<div class="two"><div>${ratios}${table(columns, rows)}${notes}</div><div>${distribution(latency)}</div></div>`,
    `${protocol.order}; ${plural(protocol.runsPerArm, 'run')} an arm, ${plural(protocol.imagesPerRun, 'image')} a run, ${plural(protocol.threads, 'thread')}.`,
  )
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`
}

/** Share of images that are done within a time, up to the 99th percentile: one line a model. */
function distribution({ samples, arms }: LatencyBody): string {
  const present = arms.filter(({ name }) => (samples[name]?.length ?? 0) > 1)
  if (present.length === 0) return '<p class="soft">No single times were kept.</p>'
  const series = present.map(({ name }) => {
    const sorted = [...(samples[name] ?? [])].sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    const points = Array.from({ length: 100 }, (_, i): [number, number] => [at(i / 100), i / 100])
    return { ...armOf(name), points }
  })
  const chart = lines(series, {
    label: 'share of images done within a time, each model',
    x: 'ms an image, up to the 99th percentile',
    y: 'share of images done',
    width: 370,
    height: 205,
    yRange: [0, 1],
  })
  return `${chart}${key(present.map(({ name }) => armOf(name)))}`
}

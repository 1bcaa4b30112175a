import type { ComparisonBody, EvaluationBody } from '../../documents/evaluation.ts'
import type { PullRequestReport } from '../report-input.ts'
import { forest, lines, strips } from './charts.ts'
import { ap, html, interval, percent, seconds, section, table } from './html.ts'

const armColors: Record<string, string> = {
  champion: 'var(--champion)',
  control: 'var(--control)',
  candidate: 'var(--candidate)',
}

/** Is the model better: table, differences with intervals, curves, confusion, training, latency. */
export function modelSection(pull: PullRequestReport): string {
  return [smokeTrain(pull), better(pull), curves(pull), confusion(pull), training(pull), latency(pull)].join('\n')
}

function smokeTrain({ smoke }: PullRequestReport): string {
  if (!smoke) return ''
  const rows = [
    [
      'as labelled',
      ap(smoke.learns.map50),
      `at least ${smoke.learns.limitMap50}`,
      percent(smoke.learns.boxLossFall),
      smoke.learns.passed ? '✓' : '✗',
    ],
    [
      'labels shuffled',
      ap(smoke.shuffled.map50),
      `at most ${smoke.shuffled.limitMap50}`,
      percent(smoke.shuffled.boxLossFall),
      smoke.shuffled.passed ? '✓' : '✗',
    ],
  ]
  const columns = [
    { head: `${smoke.images} images` },
    { head: 'mAP50 on them', numeric: true },
    { head: 'limit', numeric: true },
    { head: 'box loss fell by', numeric: true },
    { head: 'passed', numeric: true },
  ]
  return section('Smoke train and its control', `<p>${html(smoke.reason)}</p>${table(columns, rows)}`)
}

function better({ evaluations = [], comparisons = [] }: PullRequestReport): string {
  if (evaluations.length === 0) return ''
  const first = evaluations[0] as { body: EvaluationBody }
  const columns = [
    { head: 'model' },
    { head: 'mAP50-95', numeric: true },
    { head: 'mAP50', numeric: true },
    ...first.body.perClass.map((item) => ({ head: html(item.className), numeric: true })),
  ]
  const rows = evaluations.map(({ name, body }) => [
    `<span class="key"><span><i style="background:${armColors[name]}"></i>${name}</span></span>`,
    `<b>${ap(body.coco.stats[0])}</b>`,
    ap(body.coco.stats[1]),
    ...body.perClass.map((item) => ap(item.ap)),
  ])
  const judged = `<p class="soft small">${first.body.images} images in ${first.body.scenes} scenes; labels: ${html(first.body.labelSource)}; predictions as served${first.body.served.multiLabel ? '' : ', one class a box'}.</p>`
  const charts = comparisons.map(differenceChart).join('')
  return section('Is the model better?', `${table(columns, rows)}${judged}<div class="two">${charts}</div>`)
}

function differenceChart(comparison: ComparisonBody): string {
  const rows = [comparison.overall, ...comparison.perClass]
    .filter((item) => item.difference.low !== undefined && item.difference.high !== undefined)
    .map((item) => ({
      label: item.className,
      value: item.difference.value,
      low: item.difference.low as number,
      high: item.difference.high as number,
    }))
  const title = `${comparison.candidate} − ${comparison.baseline}`
  const chart = forest(rows, { label: `${title}, by class`, axis: 'difference in mAP50-95', color: 'var(--candidate)' })
  const flips = `${comparison.flips.fixed.length} images fixed, ${comparison.flips.broken.length} broken`
  const how = `paired bootstrap over ${comparison.units} ${comparison.unit}s, ${comparison.resamples} resamples`
  const notes = comparison.notes.length > 0 ? ` ${html(comparison.notes.join(' '))}` : ''
  return `<div><h4>${html(title)}: ${interval(comparison.overall.difference)}</h4>${chart}<p class="soft small">${flips}; ${how}.${notes}</p></div>`
}

function curves({ evaluations = [] }: PullRequestReport): string {
  const first = evaluations[0]
  if (!first) return ''
  const charts = first.body.curves.slice(0, 8).map((curve, k) => {
    const series = evaluations.map(({ name, body }) => ({
      color: armColors[name] as string,
      dashed: name === 'control',
      points: (body.curves[k]?.precision ?? []).map((value, i): [number, number] => [i / 100, value]),
    }))
    const label = `precision over recall, ${curve.className}`
    return `<div><h4>${html(curve.className)}</h4>${lines(series, { label, x: 'recall', y: 'precision', yRange: [0, 1] })}</div>`
  })
  const key = evaluations
    .map(({ name }) => `<span><i style="background:${armColors[name]}"></i>${name}</span>`)
    .join('')
  return section(
    'Precision over recall, at IoU .5',
    `<div class="key">${key}</div><div class="three">${charts.join('')}</div>`,
  )
}

function confusion({ evaluations = [] }: PullRequestReport): string {
  const last = evaluations.at(-1)
  if (!last) return ''
  const { body, name } = last
  const names = [...body.classes, 'background']
  const rows = body.confusion.map((row, r) => {
    const sum = row.reduce((total, value) => total + value, 0)
    const cells = row.map((value, c) => {
      const weight = sum > 0 ? Math.round((value / sum) * 70) : 0
      const color = r === c ? 'var(--pass)' : 'var(--removed)'
      const empty = r === names.length - 1 && c === names.length - 1
      return `<td style="background:color-mix(in srgb, ${color} ${weight}%, transparent)">${empty ? '' : value}</td>`
    })
    return `<tr><th>${html(names[r] ?? '')}</th>${cells.join('')}</tr>`
  })
  const heads = [...body.classes, 'missed'].map((item) => `<th>${html(item)}</th>`).join('')
  const { confidence, iou } = body.operatingPoint
  const note = `Rows are the truth, columns what the ${name} said, at confidence ${confidence} and IoU ${iou}; the last row are predictions where nothing is.`
  return section(
    'Confusion',
    `<div class="scroll"><table class="heat"><thead><tr><th></th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    note,
  )
}

function training({ runs = [] }: PullRequestReport): string {
  if (runs.length === 0) return ''
  const rows = runs.map((run) => [
    html(run.role),
    run.images.train,
    run.epochs,
    run.updates,
    run.seed,
    seconds(run.seconds),
    `${Math.round(run.peakMemoryMiB)} MiB`,
    html(`${run.trainer.name} ${run.trainer.version}`),
  ])
  const numeric = ['images', 'epochs', 'updates', 'seed', 'time', 'memory'].map((head) => ({ head, numeric: true }))
  const charts = runs.map((run) => {
    const points = run.curve.map((row): [number, number] => [row.epoch, row.boxLoss + row.classLoss + row.dflLoss])
    const series = [{ color: armColors[run.role] ?? 'var(--soft)', points }]
    return `<div><h4>${html(run.role)}</h4>${lines(series, { label: `training loss of the ${run.role}`, x: 'epoch', y: 'loss', height: 170 })}</div>`
  })
  const body = `${table([{ head: 'run' }, ...numeric, { head: 'trainer' }], rows)}<details><summary>training loss</summary><div class="three">${charts.join('')}</div></details>`
  return section('How it was trained', body, "The trainer's own numbers inform; they never gate.")
}

function latency({ latency: body }: PullRequestReport): string {
  if (!body) return ''
  const rows = body.arms.map((arm) => [
    html(arm.name),
    arm.p50Ms.toFixed(2),
    arm.p95Ms.toFixed(2),
    arm.p99Ms.toFixed(2),
    arm.imagesPerSecond.toFixed(0),
    Math.round(arm.peakMemoryMiB),
  ])
  const columns = [
    { head: 'model' },
    ...['p50 ms', 'p95 ms', 'p99 ms', 'images/s', 'MiB'].map((head) => ({ head, numeric: true })),
  ]
  const samples = Object.entries(body.samples).map(([name, values]) => ({
    label: name,
    color: armColors[name] ?? 'var(--soft)',
    values: values.slice(0, 200),
  }))
  const { low = Number.NaN, high = Number.NaN, value } = body.ratioP50
  const ratio = `<p>Ratio of medians <b>${value.toFixed(3)}</b> <span class="soft">[${low.toFixed(3)}, ${high.toFixed(3)}]</span> on ${html(body.target)}${body.noise.noisy ? '; the host was noisy' : ''}.</p>`
  const chart = strips(samples, 'median latency of every run', 'ms, median of one run')
  return section(
    'Latency',
    `<div class="two"><div>${table(columns, rows)}${ratio}</div><div>${chart}</div></div>`,
    `${body.protocol.order}, ${body.protocol.runsPerArm} runs an arm in fresh processes, ${body.protocol.imagesPerRun} images a run.`,
  )
}

import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { lines } from './charts.ts'
import { ap, badge, html, percent, plural, seconds, section, sentence, table } from './html.ts'

/** Whether training works on this data at all: a handful is learnt, and not when its labels are shuffled. */
export function smokeSection({ smoke }: PullRequestReport): string {
  if (!smoke) return ''
  const { learns, shuffled } = smoke
  const rows = [
    [
      'as labelled',
      ap(learns.map50),
      `≥ ${ap(learns.limitMap50)}`,
      percent(learns.boxLossFall),
      `≥ ${percent(learns.limitFall)}`,
      badge(learns.passed ? 'pass' : 'fail'),
    ],
    [
      'labels shuffled',
      ap(shuffled.map50),
      `≤ ${ap(shuffled.limitMap50)}`,
      percent(shuffled.boxLossFall),
      '–',
      badge(shuffled.passed ? 'pass' : 'fail'),
    ],
  ]
  const columns = [
    { head: plural(smoke.images, 'image') },
    ...['mAP50 on them', 'limit', 'box loss fell by', 'limit'].map((head) => ({ head, numeric: true })),
    { head: '' },
  ]
  return section('Smoke train and its control', `<p>${sentence(smoke.reason)}.</p>${table(columns, rows)}`)
}

/** How each model was trained, and its loss. */
export function trainingSection({ runs = [] }: PullRequestReport): string {
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
  const numeric = ['images', 'epochs', 'updates', 'seed', 'time', 'peak memory'].map((head) => ({
    head,
    numeric: true,
  }))
  const charts = runs
    .filter((run) => run.curve.length > 1)
    .map((run) => {
      const points = run.curve.map((row): [number, number] => [row.epoch, row.boxLoss + row.classLoss + row.dflLoss])
      const label = `training loss of the ${run.role} by epoch`
      const chart = lines([{ color: armOf(run.role).color, points }], { label, x: 'epoch', y: 'loss', whole: true })
      return `<div><h4>${html(run.role)}</h4>${chart}</div>`
    })
  const curves =
    charts.length > 0
      ? `<details><summary>Training loss</summary><div class="three">${charts.join('')}</div></details>`
      : ''
  const body = `${table([{ head: 'run' }, ...numeric, { head: 'trainer' }], rows)}${curves}`
  return section('How it was trained', body, "The trainer's own numbers inform; they never gate.")
}

import { CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { html } from './html.ts'

use([LineChart, ScatterChart, CustomChart, GridComponent, MarkLineComponent, SVGRenderer])

const font = { fontFamily: 'inherit', fontSize: 12, color: 'var(--soft)' }
const line = { lineStyle: { color: 'var(--line)' } }
/** Charts of rows are drawn for a phone and grow by a seventh at most, so that their text stays text-sized. */
const rowsWidth = 370
const labelWidth = 80

/** An SVG in the page's own colours (CSS variables), so that it follows light and dark; the same each time. */
function draw(width: number, height: number, label: string, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, textStyle: font, ...option })
    // Ids count up over the life of a process and nothing here is clipped, so none is kept.
    return chart
      .renderToSVGString()
      .replace(/<style\s*>[\s\S]*?<\/style>/g, '')
      .replace(/<defs\s*>[\s\S]*?<\/defs>/g, '')
      .replace(/ (class|ecmeta_[a-z_]+|clip-path|pointer-events|xml:space)="[^"]*"/g, '')
      .replace(
        /^<svg [^>]*>/,
        `<svg role="img" aria-label="${html(label)}" viewBox="0 0 ${width} ${height}" style="max-width:${Math.round(width * 1.15)}px">`,
      )
  } finally {
    chart.dispose()
  }
}

const valueAxis = (name: string, format: (value: number) => string, extra: object = {}) => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  nameGap: 24,
  nameTextStyle: font,
  axisLabel: { ...font, formatter: format },
  axisLine: { show: true, onZero: false, ...line },
  axisTick: { show: false },
  splitLine: line,
  ...extra,
})
const categoryAxis = (data: string[], labels = labelWidth) => ({
  type: 'category',
  data,
  inverse: true,
  axisLabel: {
    ...font,
    color: 'var(--fg)',
    align: 'left',
    margin: labels,
    width: labels - 8,
    overflow: 'truncate',
  },
  axisLine: { show: false },
  axisTick: { show: false },
})
const rowsGrid = { left: labelWidth + 2, right: 20, top: 6, bottom: 40 }
const dashedAt = (at: object, color: string) => ({
  silent: true,
  symbol: 'none',
  label: { show: false },
  lineStyle: { color, type: 'dashed' },
  data: [at],
})

type CustomApi = { value: (dimension: number) => number; coord: (point: number[]) => number[] }

/** A horizontal stroke in each row, from one value to another. */
function strokes(data: [number, number, number][], style: { stroke: string; lineWidth: number }) {
  const renderItem = (_: unknown, api: CustomApi) => {
    const [x1, y1] = api.coord([api.value(1), api.value(0)])
    const [x2, y2] = api.coord([api.value(2), api.value(0)])
    return { type: 'line', shape: { x1, y1, x2, y2 }, style }
  }
  return { type: 'custom', renderItem, data, encode: { x: [1, 2], y: 0 } }
}

function dots(values: number[], color: string) {
  return {
    type: 'scatter',
    symbolSize: 10,
    itemStyle: { color, opacity: 1 },
    data: values.map((value, i) => [value, i]),
  }
}

export type Interval = { label: string; value: number; low: number; high: number }

/** Estimates with their intervals, one row each, over a zero line; `span` holds several charts to one scale. */
export function forest(
  rows: Interval[],
  options: { label: string; axis: string; color: string; span: [number, number]; labels?: number },
): string {
  const signedTick = (value: number) => (value > 0 ? `+${trim(value)}` : trim(value))
  const [min, max] = options.span
  const whiskers = strokes(
    rows.map((row, i) => [i, row.low, row.high]),
    { stroke: options.color, lineWidth: 2.5 },
  )
  const estimates = dots(
    rows.map((row) => row.value),
    options.color,
  )
  return draw(rowsWidth, 50 + rows.length * 24, options.label, {
    grid: { ...rowsGrid, left: (options.labels ?? labelWidth) + 2 },
    xAxis: valueAxis(options.axis, signedTick, { min, max, splitNumber: 4 }),
    yAxis: categoryAxis(
      rows.map((row) => row.label),
      options.labels,
    ),
    series: [whiskers, { ...estimates, markLine: dashedAt({ xAxis: 0 }, 'var(--soft)') }],
  })
}

/** Before and after of a share by class: two dots joined by a line. */
export function dumbbell(rows: { label: string; before: number; after: number }[], label: string): string {
  return draw(rowsWidth, 34 + rows.length * 24, label, {
    grid: { ...rowsGrid, bottom: 26 },
    xAxis: valueAxis('', (value) => `${Math.round(value * 100)} %`, { min: 0, splitNumber: 4 }),
    yAxis: categoryAxis(rows.map((row) => row.label)),
    series: [
      strokes(
        rows.map((row, i) => [i, row.before, row.after]),
        { stroke: 'var(--soft)', lineWidth: 2 },
      ),
      dots(
        rows.map((row) => row.before),
        'var(--champion)',
      ),
      dots(
        rows.map((row) => row.after),
        'var(--candidate)',
      ),
    ],
  })
}

/** `dots`: each point is marked, since what lies between them was not measured. */
export type Series = { color: string; dashed?: boolean; dots?: boolean; points: [number, number][] }
export type LineOptions = {
  label: string
  x: string
  /** What the vertical axis measures; written above it. */
  y: string
  width?: number
  height?: number
  xRange?: [number, number]
  yRange?: [number, number]
  /** A dashed line at this height: the limit. */
  limit?: number | undefined
  /** The vertical axis is a share, written in percent. */
  percent?: boolean
  /** Whole numbers only on the horizontal axis: epochs, looks. */
  whole?: boolean
}

/** Lines over two value axes, e.g. precision over recall. */
export function lines(series: Series[], options: LineOptions): string {
  const fixed = ([min, max]: [number, number]) => ({
    min,
    max,
    splitNumber: 4,
    ...(min === 0 && max === 1 ? { interval: 0.25 } : {}),
  })
  const free = { scale: true, splitNumber: 4 }
  return draw(options.width ?? 250, options.height ?? 165, options.label, {
    grid: { left: 40, right: 14, top: 24, bottom: 40 },
    xAxis: valueAxis(options.x, trim, {
      splitLine: { show: false },
      ...(options.xRange ? fixed(options.xRange) : free),
      ...(options.whole ? { minInterval: 1, min: 'dataMin', max: 'dataMax' } : {}),
    }),
    yAxis: valueAxis(options.y, options.percent ? (value) => `${trim(value * 100)} %` : trim, {
      ...(options.yRange ? fixed(options.yRange) : free),
      nameLocation: 'end',
      nameGap: 10,
      nameTextStyle: { ...font, align: 'left', padding: [0, 0, 0, -34] },
    }),
    series: series.map(({ color, dashed, dots: marked, points }, i) => ({
      type: 'line',
      ...(marked ? { symbol: 'circle', symbolSize: 6, itemStyle: { color, opacity: 1 } } : { symbol: 'none' }),
      clip: false,
      lineStyle: { color, width: 2, type: dashed ? 'dashed' : 'solid' },
      data: points,
      ...(i === 0 && options.limit !== undefined
        ? { markLine: dashedAt({ yAxis: options.limit }, 'var(--fail)') }
        : {}),
    })),
  })
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−')
}

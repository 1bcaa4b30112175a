import { CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, ScatterChart, CustomChart, GridComponent, MarkLineComponent, SVGRenderer])

const font = { fontFamily: 'inherit', fontSize: 12, color: 'var(--soft)' }
const line = { lineStyle: { color: 'var(--line)' } }

/** An SVG in the page's own colours (CSS variables), so that it follows light and dark. */
function draw(width: number, height: number, label: string, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, textStyle: font, ...option })
    const svg = chart.renderToSVGString()
    const clean = svg.replace(/<style\s*>[\s\S]*?<\/style>/g, '').replace(/ (class|ecmeta_[a-z_]+)="[^"]*"/g, '')
    return clean.replace(
      /^<svg width="\d+" height="\d+"/,
      `<svg role="img" aria-label="${label.replaceAll('"', '')}" style="max-width:${width}px"`,
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
  axisLine: { show: true, ...line },
  axisTick: { show: false },
  splitLine: line,
  ...extra,
})
const categoryAxis = (data: string[]) => ({
  type: 'category',
  data,
  inverse: true,
  axisLabel: { ...font, color: 'var(--fg)', width: 110, overflow: 'truncate' },
  axisLine: { show: false },
  axisTick: { show: false },
})

export type Interval = { label: string; value: number; low: number; high: number }

/** Estimates with their intervals, one row each, over a zero line. */
export function forest(rows: Interval[], options: { label: string; axis: string; color: string }): string {
  const whisker = (_: unknown, api: CustomApi) => {
    const y = api.value(0)
    const [x1, yPixel] = api.coord([api.value(1), y])
    const [x2] = api.coord([api.value(2), y])
    const style = { stroke: options.color, lineWidth: 2.5 }
    return { type: 'line', shape: { x1, y1: yPixel, x2, y2: yPixel }, style }
  }
  return draw(460, 46 + rows.length * 28, options.label, {
    grid: { left: 96, right: 18, top: 8, bottom: 38 },
    xAxis: valueAxis(options.axis, (value) => (value > 0 ? `+${trim(value)}` : trim(value)), {
      scale: true,
      splitNumber: 4,
    }),
    yAxis: categoryAxis(rows.map((row) => row.label)),
    series: [
      {
        type: 'custom',
        renderItem: whisker,
        data: rows.map((row, i) => [i, row.low, row.high]),
        encode: { x: [1, 2], y: 0 },
      },
      {
        type: 'scatter',
        symbolSize: 10,
        itemStyle: { color: options.color, opacity: 1 },
        data: rows.map((row, i) => [row.value, i]),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: 'var(--soft)', type: 'dashed' },
          data: [{ xAxis: 0 }],
        },
      },
    ],
  })
}

type CustomApi = { value: (dimension: number) => number; coord: (point: number[]) => number[] }

/** Before and after of a share by class: two dots joined by a line. */
export function dumbbell(rows: { label: string; before: number; after: number }[], label: string): string {
  const joint = (_: unknown, api: CustomApi) => {
    const [x1, y1] = api.coord([api.value(1), api.value(0)])
    const [x2, y2] = api.coord([api.value(2), api.value(0)])
    return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: 'var(--line)', lineWidth: 3 } }
  }
  const dots = (color: string, values: number[]) => ({
    type: 'scatter',
    symbolSize: 11,
    itemStyle: { color, opacity: 1 },
    data: values.map((value, i) => [value, i]),
  })
  return draw(460, 42 + rows.length * 26, label, {
    grid: { left: 96, right: 18, top: 8, bottom: 34 },
    xAxis: valueAxis('', (value) => `${Math.round(value * 100)} %`, { min: 0, splitNumber: 4 }),
    yAxis: categoryAxis(rows.map((row) => row.label)),
    series: [
      {
        type: 'custom',
        renderItem: joint,
        data: rows.map((row, i) => [i, row.before, row.after]),
        encode: { x: [1, 2], y: 0 },
      },
      dots(
        'var(--champion)',
        rows.map((row) => row.before),
      ),
      dots(
        'var(--candidate)',
        rows.map((row) => row.after),
      ),
    ],
  })
}

export type Series = { color: string; dashed?: boolean; step?: boolean; points: [number, number][] }

/** Lines over two value axes, e.g. precision over recall. */
export function lines(
  series: Series[],
  options: {
    label: string
    x: string
    y: string
    width?: number
    height?: number
    yRange?: [number, number]
    limit?: number
  },
): string {
  const range = options.yRange ? { min: options.yRange[0], max: options.yRange[1] } : { scale: true }
  return draw(options.width ?? 320, options.height ?? 210, options.label, {
    grid: { left: 44, right: 12, top: 12, bottom: 40 },
    xAxis: valueAxis(options.x, trim, { splitLine: { show: false }, min: 'dataMin', max: 'dataMax', splitNumber: 4 }),
    yAxis: valueAxis('', trim, { ...range, splitNumber: 4 }),
    series: series.map(({ color, dashed, step, points }, i) => ({
      type: 'line',
      symbol: 'none',
      ...(step ? { step: 'end' } : {}),
      lineStyle: { color, width: 2, type: dashed ? 'dashed' : 'solid' },
      data: points,
      ...(i === 0 && options.limit !== undefined
        ? {
            markLine: {
              silent: true,
              symbol: 'none',
              label: { show: false },
              lineStyle: { color: 'var(--fail)', type: 'dashed' },
              data: [{ yAxis: options.limit }],
            },
          }
        : {}),
    })),
  })
}

/** One dot a run, two rows: how two latency distributions lie against each other. */
export function strips(
  rows: { label: string; color: string; values: number[] }[],
  label: string,
  unit: string,
): string {
  return draw(460, 42 + rows.length * 34, label, {
    grid: { left: 96, right: 18, top: 8, bottom: 36 },
    xAxis: valueAxis(unit, trim, { scale: true, splitNumber: 4 }),
    yAxis: categoryAxis(rows.map((row) => row.label)),
    series: rows.map((row, i) => ({
      type: 'scatter',
      symbolSize: 8,
      itemStyle: { color: row.color, opacity: 0.65 },
      data: row.values.map((value) => [value, i]),
    })),
  })
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4)))
}

import { html } from './html.ts'

export type HistoryPoint = {
  label: string
  value: number
  low: number | null
  high: number | null
  /** Points of one yardstick are joined; scores on another are not comparable. */
  yardstick: string
}

const large = { width: 370, height: 200 }
const small = { width: 240, height: 150 }
const edges = { left: 46, right: 14, top: 14, bottom: 34 }
const mostLabels = 6

/** A value a release with its interval as a bar; joined by a line only where the yardstick is the same. */
export function historyChart(
  points: HistoryPoint[],
  options: { label: string; limit?: number; floor?: number; small?: boolean },
): string {
  const { limit, floor = Number.NEGATIVE_INFINITY } = options
  const size = { ...edges, ...(options.small ? small : large) }
  const ends = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
  const all = limit === undefined ? ends : [...ends, limit]
  const step = stepFor(Math.max(...all) - Math.min(...all))
  const bottom = Math.max(floor, Math.floor((Math.min(...all) - step / 4) / step) * step)
  const top = Math.ceil((Math.max(...all) + step / 4) / step) * step
  const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom }
  const x = (i: number) => size.left + (inner.width * (i + 0.5)) / points.length
  const y = (value: number) => size.top + inner.height * (1 - (value - bottom) / (top - bottom))
  const at = (value: number) => value.toFixed(1)
  const right = size.width - size.right
  const grid: string[] = []
  for (let i = 0; bottom + i * step <= top + step / 2; i++) {
    const value = bottom + i * step
    grid.push(
      `<line x1="${size.left}" x2="${right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="var(--line)"/>`,
      text(size.left - 6, y(value) + 4, 'end', 'var(--soft)', tick(value, step)),
    )
  }
  const joined = points.flatMap((point, i) => {
    const before = points[i - 1]
    if (!before) return []
    const [x1, x2] = [at(x(i - 1)), at(x(i))]
    return before.yardstick === point.yardstick
      ? [
          `<line x1="${x1}" y1="${at(y(before.value))}" x2="${x2}" y2="${at(y(point.value))}" stroke="var(--candidate)" stroke-width="1.5"/>`,
        ]
      : [
          `<line x1="${at((x(i - 1) + x(i)) / 2)}" x2="${at((x(i - 1) + x(i)) / 2)}" y1="${size.top}" y2="${size.height - size.bottom}" stroke="var(--soft)" stroke-dasharray="3 3"/>`,
        ]
  })
  const every = Math.ceil(points.length / (options.small ? mostLabels / 2 : mostLabels))
  const marks = points.map(({ label, value, low, high }, i) => {
    const bar =
      low === null || high === null
        ? ''
        : `<line x1="${at(x(i))}" x2="${at(x(i))}" y1="${at(y(low))}" y2="${at(y(high))}" stroke="var(--candidate)" stroke-width="3"/>`
    // Without an interval the dot is hollow.
    const fill = bar === '' ? 'var(--bg)' : 'var(--candidate)'
    const dot = `<circle cx="${at(x(i))}" cy="${at(y(value))}" r="5" fill="${fill}" stroke="var(--candidate)" stroke-width="2"/>`
    const named = (points.length - 1 - i) % every === 0
    return `${bar}${dot}${named ? text(x(i), size.height - size.bottom + 18, 'middle', 'var(--fg)', short(label)) : ''}`
  })
  const line =
    limit === undefined
      ? ''
      : `<line x1="${size.left}" x2="${right}" y1="${at(y(limit))}" y2="${at(y(limit))}" stroke="var(--soft)" stroke-dasharray="5 4"/>`
  return `<svg role="img" aria-label="${html(options.label)}" viewBox="0 0 ${size.width} ${size.height}" style="max-width:${Math.round(size.width * 1.15)}px;font-size:12px">${grid.join('')}${line}${joined.join('')}${marks.join('')}</svg>`
}

function text(x: number, y: number, anchor: string, color: string, words: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${color}">${html(words)}</text>`
}

function stepFor(span: number): number {
  const found = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((step) => span / step <= 4)
  return found ?? 10 ** Math.ceil(Math.log10(span / 4))
}

function tick(value: number, step: number): string {
  const digits = step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0
  return Math.abs(value).toFixed(digits).replace(/^0\./, '.')
}

function short(label: string): string {
  return label.length > 10 ? `${label.slice(0, 9)}…` : label
}

// Charts of signs, for table cells of a comment: no upload, no script, the same in a private repository, on a server of
// one's own, in an e-mail. Each stands beside its numbers. Numbers may come from hostile evidence: each is held within.

const heights = '▁▂▃▄▅▆▇█'
const barWidth = 12
const plotWidth = 21

const within = (value: number, low: number, high: number) =>
  Number.isNaN(value) ? low : Math.min(high, Math.max(low, value))

/** One sign a value, none higher than `most`; a dot where there is nothing at all. */
export function sparkline(values: readonly number[], most: number): string {
  const sign = (value: number) => {
    const share = within(value / most, 0, 1)
    return share > 0 ? heights[Math.max(0, Math.ceil(share * heights.length) - 1)] : '·'
  }
  return `\`${values.map(sign).join('')}\``
}

/** What there was and stays █, what came ▓, what went ░; as long as its share of `most`, but a single box is seen. */
export function changeBar(before: number, after: number, most: number): string {
  const cells = (value: number) => (value > 0 ? within(Math.round((value / most) * barWidth), 1, barWidth) : 0)
  const [old, now] = [cells(before), cells(after)]
  const kept = Math.min(old, now)
  const bar = '█'.repeat(kept) + '▓'.repeat(now - kept) + '░'.repeat(old - kept)
  return `\`${bar.padEnd(barWidth, '·')}\``
}

export type Scale = { from: number; to: number }

/** Ends that hold all values, with a little room on either side; null where there are none. */
export function scaleOf(values: readonly (number | undefined | null)[]): Scale | null {
  const known = values.filter((value): value is number => value != null && Number.isFinite(value))
  if (known.length === 0) return null
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const room = (high - low) / 20 || Math.abs(high) / 20 || 1
  const scale = { from: low - room, to: high + room }
  return Number.isFinite(scale.to - scale.from) ? scale : null
}

/** An estimate ● with its interval ├─┤ and the value it is held against ║, zero or a limit. */
export function intervalPlot(of: { value: number; low?: number; high?: number; mark: number }, scale: Scale): string {
  const at = (value: number) =>
    Math.round(within((value - scale.from) / (scale.to - scale.from), 0, 1) * (plotWidth - 1))
  const cells = Array.from({ length: plotWidth }, () => '·')
  if (of.low !== undefined && of.high !== undefined && at(of.low) <= at(of.high)) {
    cells.fill('─', at(of.low), at(of.high) + 1)
    cells[at(of.low)] = '├'
    cells[at(of.high)] = '┤'
  }
  const mark = at(of.mark)
  cells[mark] = cells[mark] === '·' ? '║' : '╫'
  cells[at(of.value)] = mark === at(of.value) ? '◉' : '●'
  return `\`${cells.join('')}\``
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeBar, intervalPlot, scaleOf, sparkline } from '../../../src/core/render/text-charts.ts'

test('a bar shows what stays, what came and what went, on one scale', () => {
  expect(changeBar(50, 100, 100)).toBe('`██████▓▓▓▓▓▓`')
  expect(changeBar(100, 50, 100)).toBe('`██████░░░░░░`')
  expect(changeBar(0, 50, 100)).toBe('`▓▓▓▓▓▓······`')
  expect(changeBar(0, 0, 100)).toBe('`············`')
})

test('a single box among a million is still seen, and what comes beside it too', () => {
  expect(changeBar(1, 1, 1e6)).toBe('`█···········`')
  expect(changeBar(0, 1, 1e6)).toBe('`▓···········`')
  expect(sparkline([0, 1, 5e5, 1e6], 1e6)).toBe('`·▁▄█`')
})

test('an interval stands beside its mark as its numbers do', () => {
  expect(intervalPlot({ value: 0.2, low: 0.1, high: 0.3, mark: 0 }, { from: 0, to: 0.4 })).toBe(
    '`║····├────●────┤·····`',
  )
  expect(intervalPlot({ value: 0.1, low: -0.1, high: 0.3, mark: 0 }, { from: -0.1, to: 0.3 })).toBe(
    '`├────╫────●─────────┤`',
  )
  expect(intervalPlot({ value: 0, mark: 0 }, { from: -1, to: 1 })).toBe('`··········◉··········`')
})

test('any numbers make signs in one code span of one width, and places keep their order', () => {
  const any = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(1e308, -1e308, Number.NaN, Infinity, -0))
  const drawn = /^`[·─├┤║╫●◉█▓░▁▂▃▄▅▆▇]*`$/
  fc.assert(
    fc.property(any, any, any, any, (value, low, high, mark) => {
      const scale = scaleOf([value, low, high, mark])
      if (scale) {
        const plot = intervalPlot({ value, low, high, mark }, scale)
        expect(plot).toMatch(drawn)
        expect(plot).toHaveLength(23)
        const [dot, line] = [plot.search(/[●◉]/), plot.search(/[║╫◉]/)]
        if (line >= 0 && value < mark) expect(dot).toBeLessThanOrEqual(line)
      }
      const bar = changeBar(value, low, Math.abs(high) || 1)
      expect(bar).toMatch(drawn)
      expect(bar).toHaveLength(14)
      expect(sparkline([value, low, high], 3)).toMatch(/^`.{3}`$/)
    }),
    { numRuns: 2000, seed: 1 },
  )
})

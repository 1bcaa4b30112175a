import { expect, test } from 'vitest'
import { settledBelow } from '../../src/journeys/judge-model.ts'

test('a measurement goes on for the ratios that are asked of its target, and for no other', () => {
  const line = (measure: string, target: string, atMost: number) =>
    `  - { gate: latency, evidence: Latency, measure: ${measure}, ${target}atMost: ${atMost} }\n`
  const yaml = `name: latency\ngates:\n${line('ratio-p50', 'target: orin, ', 1.05)}${line('ratio-p95', '', 1.1)}`
  const policy = { yaml, file: 'gates/latency.yaml' }
  expect(settledBelow(policy, 'orin')).toEqual({ p50: 1.05, p95: 1.1 })
  expect(settledBelow(policy, 'server')).toEqual({ p95: 1.1 })
})

import type { LatencyBody } from '../documents/operational.ts'
import type { HostNoise, LatencyRun } from './latency-run.ts'
import { rounded } from './latency-run.ts'

/** Between-run spread that hosted machines show at rest; twice as much is a disturbed one. */
const usualCv = 0.0266
const mostSteal = 0.01
const mostThrottled = 0.01
const mostClockChange = 0.05

type Noise = Omit<LatencyBody['noise'], 'betweenRunsCv' | 'noisy'>

/** What the host did during all runs, and which of it is unusual; without readings only the spread speaks. */
export function hostNoise(runs: readonly LatencyRun[], betweenRunsCv: number, threads: number): Noise {
  const read = (key: keyof HostNoise) => runs.flatMap(({ host }) => host?.[key] ?? [])
  const [steal, load, clock, throttled] = [read('stealShare'), read('load'), read('clockMHz'), read('throttledShare')]
  const mean = (values: number[]) => rounded(values.reduce((sum, value) => sum + value, 0) / values.length)
  const range = (values: number[]) => ({ least: rounded(Math.min(...values)), most: rounded(Math.max(...values)) })
  const noise = {
    ...(steal.length === 0 ? {} : { stealShare: mean(steal) }),
    ...(load.length === 0 ? {} : { load: range(load) }),
    ...(clock.length === 0 ? {} : { clockMHz: range(clock) }),
    ...(throttled.length === 0 ? {} : { throttledShare: mean(throttled) }),
  }
  return { ...noise, signs: signsOf(noise, betweenRunsCv, threads) }
}

function signsOf(noise: Noise, betweenRunsCv: number, threads: number): string[] {
  const { stealShare = 0, load, clockMHz, throttledShare = 0 } = noise
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const signs: string[] = []
  if (betweenRunsCv > 2 * usualCv)
    signs.push(`run medians spread by ${percent(betweenRunsCv)}, a machine at rest shows about ${percent(usualCv)}`)
  if (stealShare > mostSteal) signs.push(`other guests of the host took ${percent(stealShare)} of the processor time`)
  if (throttledShare > mostThrottled)
    signs.push(`a quota kept the process from running for ${percent(throttledShare)} of the time`)
  if (clockMHz && clockMHz.most > clockMHz.least * (1 + mostClockChange))
    signs.push(`the processor's clock went from ${clockMHz.least.toFixed(0)} to ${clockMHz.most.toFixed(0)} MHz`)
  // One run keeps `threads` threads busy; the average lags, so what others add must be plain to be named.
  if (load && load.most > threads + 1)
    signs.push(`the load average reached ${load.most.toFixed(1)}, with ${threads} of it ours`)
  return signs
}

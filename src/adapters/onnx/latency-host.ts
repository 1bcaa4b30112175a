import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import type { HostNoise } from '../../core/compare/latency.ts'

type Ticks = { all: number; steal: number }

/** Starts to watch the host; the returned function tells what happened since. Null where a system does not tell. */
export function watchHost(): () => HostNoise {
  const before = ticks()
  const throttledBefore = throttledMs()
  const started = performance.now()
  return () => {
    const after = ticks()
    const throttledAfter = throttledMs()
    const all = before && after ? after.all - before.all : 0
    const held = throttledBefore === null || throttledAfter === null ? null : throttledAfter - throttledBefore
    return {
      stealShare: before && after && all > 0 ? Math.max(0, after.steal - before.steal) / all : null,
      load: process.platform === 'win32' ? null : (loadavg()[0] ?? null),
      clockMHz: clockMHz(),
      throttledShare: held === null ? null : Math.min(1, Math.max(0, held / (performance.now() - started))),
    }
  }
}

/** Processor time of the whole machine since it started, in ticks: user, nice, system, idle, iowait, irq, softirq, steal. */
function ticks(): Ticks | null {
  const first = textOf('/proc/stat')?.match(/^cpu +([\d ]+)/)?.[1]
  if (first === undefined) return null
  // Guest time, the last two numbers, is part of user and nice already.
  const numbers = first.trim().split(/ +/).slice(0, 8).map(Number)
  return { all: numbers.reduce((sum, value) => sum + value, 0), steal: numbers[7] ?? 0 }
}

/** Mean clock of all processors now. */
function clockMHz(): number | null {
  const found = [...(textOf('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*: ([\d.]+)$/gm)].map(([, mhz]) => Number(mhz))
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0) / found.length
}

/** Milliseconds in which the container's quota held its processes back. */
function throttledMs(): number | null {
  const micros = textOf('/sys/fs/cgroup/cpu.stat')?.match(/^throttled_usec (\d+)$/m)?.[1]
  return micros === undefined ? null : Number(micros) / 1000
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

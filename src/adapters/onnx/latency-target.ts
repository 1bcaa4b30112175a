import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { type Machine, machineInWords } from '../../core/compare/latency-run.ts'
import { type Provider, providerOf } from './providers.ts'

/** What is measured on; it stands in the evidence beside the target's name, which people choose. */
export function machineOf(provider: Provider, threads: number): Machine {
  const processor = (cpus()[0]?.model ?? '').replaceAll(/\s+/g, ' ').trim() || 'unknown processor'
  return {
    system: `${platform()} ${arch()}`,
    processor: processor.slice(0, 100),
    cores: availableParallelism(),
    runtime: `ONNX Runtime ${ortVersion()}`,
    provider,
    threads,
  }
}

/**
 * Name of a target where nobody gave one. The same name means that milliseconds may be compared; it reads alike on every
 * machine of one class.
 */
export function latencyTarget(provider: Provider, threads: number): string {
  return machineInWords(machineOf(provider, threads))
}

/** Provider and target as they were asked for; what is left empty is the processor, and the machine in words. */
export function measuredOn(asked: { provider?: string | undefined; target?: string | undefined }, threads: number) {
  const provider = providerOf(asked.provider || undefined)
  return { provider, target: asked.target || latencyTarget(provider, threads) }
}

/** From its package, so that naming a target does not load 40 MB. */
function ortVersion(): string {
  try {
    const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  } catch {
    return '(not installed)'
  }
}

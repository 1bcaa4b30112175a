import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { UsageError } from '../../core/errors.ts'
import { type Provider, providers } from './session.ts'

/**
 * Name of what is measured on: processor, cores, provider, threads, version of ONNX Runtime. The same name means that
 * milliseconds may be compared; it reads alike on every machine of one class.
 */
export function latencyTarget(provider: Provider, threads: number): string {
  const model = (cpus()[0]?.model ?? '').replaceAll(/\s+/g, ' ').trim() || 'unknown processor'
  const own = `${platform()} ${arch()}, ${model}, ${availableParallelism()} cores`
  return `${own}, ONNX Runtime ${ortVersion()} ${provider}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`.slice(
    0,
    200,
  )
}

/** The provider that --provider names. */
export function providerOf(text = 'cpu'): Provider {
  const known = providers.find((name) => name === text)
  if (known) return known
  throw new UsageError(`there is no provider "${text}"`, { mend: `one of ${providers.join(', ')}` })
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

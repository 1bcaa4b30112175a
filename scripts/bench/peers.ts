// The Python environment of the benchmarks' peers: node scripts/bench/peers.ts [--lock] makes it, or locks it anew.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../../src/core/documents/define.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const home = join(here, '../..')
const venv = join(home, '.tools/peers')
const lock = join(here, 'requirements.lock')

/** Python with the peers of requirements.lock, made when it is missing or out of date; never part of set-up. */
export function peerPython(): string {
  const python = join(venv, 'bin/python')
  const stamp = join(venv, '.sluice-stamp')
  const wanted = sha256(readFileSync(lock, 'utf8'))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  if (!existsSync(python)) uv('venv', '--quiet', venv)
  uv('pip', 'sync', '--quiet', '--require-hashes', '--python', python, lock)
  writeFileSync(stamp, wanted)
  return python
}

function uv(...args: string[]): void {
  const own = join(home, '.tools/uv/bin/uv')
  const result = spawnSync(existsSync(own) ? own : 'uv', args, { cwd: home, stdio: ['ignore', 'inherit', 'inherit'] })
  if (result.status !== 0) throw new Error(`uv ${args[0]} failed; set-up (npm test) brings uv when it is missing`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const source = 'scripts/bench/requirements.in'
  const format = ['--generate-hashes', '--no-header', '--no-annotate', '--no-emit-index-url', '--universal']
  if (process.argv.includes('--lock'))
    uv('pip', 'compile', '--quiet', ...format, '--python-version', '3.10', source, '--output-file', lock)
  console.log(peerPython())
}

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../src/core/documents/define.ts'

const tools = fileURLToPath(new URL('../.tools', import.meta.url))

/**
 * The `bin` folder of a Python environment below `.tools`, or below another folder, that holds what a lock file names; made
 * when it is missing or out of date, never part of set-up.
 */
export function pythonEnvironment(name: string, lock: string, parent = tools): string {
  const venv = join(parent, name)
  const [python, stamp] = [join(venv, 'bin/python'), join(venv, '.sluice-stamp')]
  const wanted = sha256(readFileSync(lock, 'utf8'))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return join(venv, 'bin')
  const own = join(tools, 'uv/bin/uv')
  const uv = (...args: string[]) => {
    const { status, stderr } = spawnSync(existsSync(own) ? own : 'uv', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`uv ${args.join(' ')} failed: ${stderr}`)
  }
  if (!existsSync(python)) uv('venv', '--quiet', '--python', join(tools, 'python/bin/python'), venv)
  uv('pip', 'sync', '--quiet', '--require-hashes', '--python', python, lock)
  writeFileSync(stamp, wanted)
  return join(venv, 'bin')
}

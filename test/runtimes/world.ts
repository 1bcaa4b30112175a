import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { pythonTool } from '../../src/adapters/tools.ts'
import { tinyWorld } from '../adapters/tiny-world.ts'
import { pythonEnvironment } from '../python-environment.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The Python of an environment of its own with OpenVINO and LiteRT; kept in the user's cache. */
export const runtimesFolder = () =>
  join(pythonEnvironment('test-runtimes', join(here, 'requirements.lock'), join(homedir(), '.cache/sluice')), '..')

/** The tiny detectors as ONNX files, and the champion once more as OpenVINO, TFLite and plans of the fake trtexec. */
export async function runtimesWorld() {
  const python = join(runtimesFolder(), 'bin/python')
  const world = await tinyWorld()
  const at = (name: string) => join(world.folder, name)
  await execa(python, [join(here, 'tiny-artifacts.py'), at('champion.onnx'), at('made')])
  const bin = at('bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'trtexec'), `#!/bin/sh\nexec '${pythonTool('python')}' '${join(here, 'trtexec.py')}' "$@"\n`)
  chmodSync(join(bin, 'trtexec'), 0o755)
  /** An engine as Ultralytics writes it, or a bare plan; `fault` is one of the program's. */
  const engine = (name: string, fault = '', metadata: object | null = { names: { 0: 'red', 1: 'blue' } }) => {
    const plan = Buffer.from(`PLAN\n${JSON.stringify({ onnx: at('champion.onnx'), fault })}`)
    const facts = Buffer.from(metadata ? JSON.stringify(metadata) : '')
    const length = Buffer.alloc(metadata ? 4 : 0)
    if (metadata) length.writeInt32LE(facts.length)
    writeFileSync(at(name), Buffer.concat([length, facts, plan]))
    return at(name)
  }
  return { ...world, python, at, bin, engine }
}

import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'

const bootstrap = fileURLToPath(new URL('../scripts/bootstrap.mjs', import.meta.url))
let bin: string

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'sluice-path-'))
  symlinkSync(process.execPath, join(bin, 'node'))
})
afterEach(() => rmSync(bin, { recursive: true, force: true }))

/** A program that answers with one line. */
function program(name: string, says: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\necho '${says}'\n`)
  chmodSync(join(bin, name), 0o755)
}

const setUp = (env: Record<string, string> = {}) =>
  execa(process.execPath, [bootstrap], { env: { PATH: bin, ...env }, extendEnv: false, reject: false })

test('a missing git is named with the command that mends it, before anything is downloaded', async () => {
  const { exitCode, stderr } = await setUp()
  expect(exitCode).toBe(2)
  expect(stderr).toContain('git is missing')
  expect(stderr).toContain('apt-get install -y git')
  expect(stderr).not.toContain('…')
})

test('a missing python3 is named with the command that mends it', async () => {
  program('git', 'git version 2.39.5')
  const { exitCode, stderr } = await setUp()
  expect(exitCode).toBe(2)
  expect(stderr).toContain('python3 is missing')
  expect(stderr).toContain('apt-get install -y python3')
})

test('a Python that is too old is refused with its version', async () => {
  program('git', 'git version 2.39.5')
  program('old-python', '3.8.10')
  const { exitCode, stderr } = await setUp({ SLUICE_PYTHON: 'old-python' })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('Python 3.8.10 is too old')
})

test('installers are told nothing of what lets a job read a private remote', async () => {
  const home = join(bin, 'home')
  for (const path of ['scripts/bootstrap.mjs', 'pipelines/python/dvc.lock']) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    cpSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), join(home, path))
  }
  program('git', 'git version 2.39.5')
  program('python3', '3.11.7')
  const seen = join(bin, 'seen')
  const uv = `echo uv\necho "$@" >> ${seen}\n/usr/bin/env >> ${seen}\n/bin/mkdir -p ${home}/.tools/dvc\n`
  writeFileSync(join(bin, 'uv'), `#!/bin/sh\n${uv}`, { mode: 0o755 })
  const names = ['SLUICE_DVC_CONFIG', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL']
  const { exitCode } = await execa(process.execPath, [join(home, 'scripts/bootstrap.mjs'), '--dvc'], {
    env: { PATH: bin, OTHER: 'planted', ...Object.fromEntries(names.map((name) => [name, 'planted-secret'])) },
    extendEnv: false,
    reject: false,
  })
  expect(exitCode).toBe(0)
  const told = readFileSync(seen, 'utf8')
  expect(told).toContain('--require-hashes')
  expect(told).toContain('OTHER=planted')
  expect(told).not.toContain('planted-secret')
})

test('a machine that is set up needs nothing and says nothing', async () => {
  const { exitCode, stderr } = await execa(process.execPath, [bootstrap], { reject: false })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})

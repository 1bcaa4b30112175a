import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test('a machine that is set up needs nothing and says nothing', async () => {
  const { exitCode, stderr } = await execa(process.execPath, [bootstrap], { reject: false })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { pythonEnvironment } from '../python-environment.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('zizmor, at its strictest and without network, finds nothing in workflows and actions', async () => {
  const zizmor = join(pythonEnvironment('test-lint', join(root, 'test/lint/requirements.lock')), 'zizmor')
  const strict = ['--offline', '--persona', 'auditor', '--no-progress', '--color', 'never', '--format', 'plain']
  const { stdout, stderr, exitCode } = await execa(zizmor, [...strict, '.github', 'actions'], {
    cwd: root,
    reject: false,
  })
  expect(`${stdout}\n${stderr}`).toContain('No findings to report')
  expect(exitCode).toBe(0)
}, 180_000)

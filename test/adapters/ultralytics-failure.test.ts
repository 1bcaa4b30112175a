import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { explainFailure } from '../../src/adapters/ultralytics/explain-failure.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-failure-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['OSError: [Errno 28] No space left on device', {}, /disk is full/, /free some space/],
  ["RuntimeError: DefaultCPUAllocator: can't allocate memory: out of memory", {}, /not enough memory/, /smaller batch/],
  [
    'terminate called after throwing an instance of std::bad_alloc',
    { signal: 'SIGABRT' },
    /not enough memory/,
    /batch/,
  ],
  ['', { signal: 'SIGKILL' }, /SIGKILL: there was not enough memory/, /batch/],
  ['Segmentation fault', { signal: 'SIGSEGV' }, /killed by SIGSEGV$/, /read the log/],
])('explains an end with "%s"', (stderr, how, message, mend) => {
  const error = explainFailure('python driver.py (train)', { exitCode: 1, stderr, ...how }, join(folder, 'none.log'))
  expect(error.message).toMatch(message)
  expect(error).toMatchObject({ name: 'ToolError', mend: expect.stringMatching(mend) })
})

test('shows the last lines of the log without colours and redrawn progress', () => {
  const log = join(folder, 'train.log')
  const lines = Array.from({ length: 40 }, (_, index) => `\x1b[32mline ${index}\x1b[0m`)
  writeFileSync(log, `${lines.join('\n')}\nbar 1\rbar 2\r\n`)
  const error = explainFailure('x', { exitCode: 1, stderr: '' }, log) as Error & { tail: string }
  expect(error.tail.split('\n')).toHaveLength(12)
  expect(error.tail).toMatch(/^line 30\n/)
  expect(error.tail).toMatch(/bar 1\nbar 2$/)
})

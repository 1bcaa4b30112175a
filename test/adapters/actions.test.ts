import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { baseFile, pullRequestEvent } from '../../src/adapters/actions.ts'
import { UsageError } from '../../src/core/errors.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-event-'))
  file = join(folder, 'event.json')
})
afterEach(() => {
  delete process.env.GITHUB_EVENT_NAME
  rmSync(folder, { recursive: true, force: true })
})

const sha = 'a'.repeat(40)
const pull = { number: 7, head: { sha }, base: { sha: 'b'.repeat(40) } }

test('reads number, head and base of a pull request; of any other event nothing', () => {
  writeFileSync(file, JSON.stringify({ action: 'opened', pull_request: pull }))
  expect(pullRequestEvent(file)).toEqual({ number: 7, headSha: sha, baseSha: 'b'.repeat(40) })
  for (const event of ['{"ref":"refs/heads/main"}', '{"pull_request":null}', 'null']) {
    writeFileSync(file, event)
    expect(pullRequestEvent(file)).toBeNull()
  }
  expect(pullRequestEvent(join(folder, 'none'))).toBeNull()
})

test.each([
  ['no JSON', '{"pull_request":'],
  ['nothing', ''],
  ['a number that is text', JSON.stringify({ pull_request: { ...pull, number: '7' } })],
  ['a negative number', JSON.stringify({ pull_request: { ...pull, number: -1 } })],
  ['a number past 2^53', JSON.stringify({ pull_request: { ...pull, number: 2 ** 53 } })],
  ['a short sha', JSON.stringify({ pull_request: { ...pull, head: { sha: 'abc' } } })],
  ['a sha that is an option', JSON.stringify({ pull_request: { ...pull, base: { sha: '--upload-pack=x' } } })],
  ['no head', JSON.stringify({ pull_request: { number: 7, base: pull.base } })],
])('refuses an event with %s', (_, text) => {
  writeFileSync(file, text)
  expect(() => pullRequestEvent(file)).toThrow(UsageError)
})

test('refuses to run where a fork would be read with secrets', () => {
  process.env.GITHUB_EVENT_NAME = 'pull_request_target'
  expect(() => pullRequestEvent(file)).toThrow(/pull_request_target/)
})

test('a file of the base: the named one, else the usual one, else none; never outside', async () => {
  const text = async (path: string) => (path === 'policy.yaml' ? 'name: dataset' : null)
  const policy = { file: 'policy.yaml', text: 'name: dataset' }
  expect(await baseFile(text, '', 'policy.yaml')).toEqual(policy)
  expect(await baseFile(text, '', 'none.yaml')).toBeNull()
  expect(await baseFile(text, 'policy.yaml', 'none.yaml')).toEqual(policy)
  await expect(baseFile(text, 'none.yaml', 'policy.yaml')).rejects.toThrow(/base has no such file/)
  await expect(baseFile(text, '../policy.yaml', 'x')).rejects.toBeInstanceOf(UsageError)
  await expect(baseFile(text, '/etc/passwd', 'x')).rejects.toBeInstanceOf(UsageError)
})

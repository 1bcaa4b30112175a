import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createStorage } from '../../src/adapters/storage.ts'
import { UsageError } from '../../src/core/errors.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-storage-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const storage = createStorage()

test('what is written is read back, as bytes and as text, and folders are made', () => {
  storage.write(join(root, 'a/b/c.txt'), 'grüße')
  expect(storage.readText(join(root, 'a/b/c.txt'))).toBe('grüße')
  expect(storage.read(join(root, 'a/b/c.txt'))).toEqual(new TextEncoder().encode('grüße'))
  expect(storage.exists(join(root, 'a/b/c.txt'))).toBe(true)
  expect(readdirSync(join(root, 'a/b'))).toEqual(['c.txt'])
})

test('a folder is listed with forward slashes, sorted, without links', () => {
  const folder = join(root, 'listed')
  mkdirSync(join(folder, 'sub'), { recursive: true })
  for (const name of ['b', 'sub/z', 'a', 'B']) writeFileSync(join(folder, name), '')
  symlinkSync('/etc/passwd', join(folder, 'link'))
  expect(storage.list(folder)).toEqual(['B', 'a', 'b', 'sub/z'])
})

test('what is not there: reading says so, removing is fine, listing says so', () => {
  const gone = join(root, 'gone')
  expect(() => storage.read(gone)).toThrow(UsageError)
  expect(() => storage.readText(gone)).toThrow('no such file')
  expect(() => storage.list(gone)).toThrow(UsageError)
  storage.remove(gone)
  storage.write(gone, 'now it is')
  storage.remove(gone)
  expect(storage.exists(gone)).toBe(false)
})

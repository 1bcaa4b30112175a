import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readZip, writeZip } from '../../src/adapters/zip.ts'

const limits = { entries: 10, bytes: 100_000 }
const text = (value: string) => new Uint8Array(Buffer.from(value))
const files = [
  { path: 'a.json', bytes: text('{"a": 1}') },
  { path: 'empty', bytes: text('') },
  { path: 'folder/größe.txt', bytes: text('x'.repeat(5000)) },
]
/** Runs Python with a file in a folder of its own: its zipfile is the independent reader and writer. */
function python(program: string, zip: Uint8Array = new Uint8Array()): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-zip-'))
  try {
    writeFileSync(join(folder, 'a.zip'), zip)
    return execFileSync('python3', ['-c', `import sys, zipfile, json\n${program}`], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('what is written is read by Python, and comes back the same', () => {
  const zip = writeZip(files)
  const read = python(
    'z = zipfile.ZipFile("a.zip"); assert z.testzip() is None; print(json.dumps({n: z.read(n).decode() for n in z.namelist()}))',
    zip,
  )
  expect(JSON.parse(read.toString())).toEqual(
    Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])),
  )
  expect(readZip(zip, limits).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual(
    files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
  )
  expect(writeZip(files)).toEqual(zip)
})

test('what Python packs is read, stored or deflated, and its folders are left out', () => {
  const zip = python(
    `z = zipfile.ZipFile("b.zip", "w"); z.writestr("s", "stored"); z.writestr("d/", ""); z.writestr("d/e", "e" * 99, zipfile.ZIP_DEFLATED); z.close()
sys.stdout.buffer.write(open("b.zip", "rb").read())`,
  )
  expect(readZip(zip, limits).map(({ path, bytes }) => [path, bytes.length])).toEqual([
    ['s', 6],
    ['d/e', 99],
  ])
})

const made = (...entries: [path: string, content: string][]) =>
  writeZip(entries.map(([path, content]) => ({ path, bytes: text(content) })))
const link = () =>
  python(
    `z = zipfile.ZipFile("b.zip", "w"); i = zipfile.ZipInfo("run.json"); i.external_attr = 0o120777 << 16; z.writestr(i, "/etc/passwd"); z.close()
sys.stdout.buffer.write(open("b.zip", "rb").read())`,
  )
const lies = () => {
  const zip = made(['bomb', 'x'.repeat(50_000)])
  // Both headers claim 10 bytes.
  for (const [mark, at] of [
    ['PK\x03\x04', 22],
    ['PK\x01\x02', 24],
  ] as const)
    zip.writeUInt32LE(10, zip.indexOf(Buffer.from(mark)) + at)
  return zip
}
const flipped = () => {
  const zip = made(['a', 'content of some length'])
  const at = 32
  zip[at] = (zip[at] as number) ^ 1
  return zip
}
test.each([
  ['a path that climbs', () => made(['../a', '']), 'leaves its folder'],
  ['an absolute path', () => made(['/etc/passwd', '']), 'leaves its folder'],
  ['a drive', () => made(['C:/a', '']), 'leaves its folder'],
  ['a backslash', () => made(['..\\a', '']), 'leaves its folder'],
  ['a file twice', () => made(['a', '1'], ['a', '2']), 'twice'],
  ['a symbolic link', link, 'no file'],
  ['too many files', () => made(...Array.from({ length: 11 }, (_, i): [string, string] => [`${i}`, ''])), '11 files'],
  ['too many bytes', () => made(['a', 'x'.repeat(100_001)]), 'more than 100000 bytes'],
  ['a size that lies', lies, 'damaged'],
  ['a flipped bit', flipped, 'damaged'],
  ['half an archive', () => made(['a', '1']).subarray(0, 40), 'no zip file'],
])('%s is malformed evidence', (_, zip, message) => {
  expect(() => readZip(zip(), limits)).toThrow(expect.objectContaining({ reason: 'malformed' }))
  expect(() => readZip(zip(), limits)).toThrow(message)
})

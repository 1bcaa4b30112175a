import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { dirManifest, md5Of, parseDvcFile } from '../../../src/core/documents/dvc.ts'
import { parseDirManifest } from '../../../src/core/documents/dvc-manifest.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const md5 = '22a1a2931c8370d3aeedd7183606fd7f'
const pointer = (out: string, more = '') => `outs:\n- ${out.replaceAll('; ', '\n  ')}\n${more}`
const manifest = (text: string) => {
  const bytes = new TextEncoder().encode(text)
  return [bytes, `${md5Of(bytes)}.dir`] as const
}

test('reads a pointer of DVC 3 and marks one of DVC 2', () => {
  const three = `md5: ${md5}.dir; size: 12; nfiles: 2; hash: md5; path: images`
  expect(parseDvcFile(pointer(three), 'images.dvc')).toEqual({
    path: 'images',
    md5: `${md5}.dir`,
    size: 12,
    nfiles: 2,
    legacy: false,
    remote: null,
    kept: false,
    wdir: '.',
  })
  expect(parseDvcFile(pointer(`md5: ${md5}; size: 1; path: a.txt`), 'a.txt.dvc').legacy).toBe(true)
})

test.each([
  ['a path that climbs', pointer(`md5: ${md5}; hash: md5; path: ../x`)],
  ['an absolute path', pointer(`md5: ${md5}; hash: md5; path: /etc/x`)],
  ['a hook', pointer(`md5: ${md5}; hash: md5; path: .git/hooks/pre-commit`)],
  ['a workflow', pointer(`md5: ${md5}; hash: md5; path: .github`)],
  ['a Windows path', pointer(`md5: ${md5}; hash: md5; path: 'a\\..\\b'`)],
  ['the folder itself', pointer(`md5: ${md5}; hash: md5; path: .`)],
  ['an empty path', pointer(`md5: ${md5}; hash: md5; path: ''`)],
  ['upper-case hex', pointer(`md5: ${md5.toUpperCase()}; hash: md5; path: x`)],
  ['a hash of another kind', pointer(`md5: ${md5}; hash: sha256; path: x`)],
  ['no hash', pointer('path: x')],
  ['two outputs', `${pointer(`md5: ${md5}; path: x`)}- md5: ${md5}\n  path: y\n`],
  [
    'an import from another repository',
    pointer(`md5: ${md5}; path: x`, 'deps:\n- path: x\n  repo:\n    url: https://evil.example\n'),
  ],
  ['an import from a URL', pointer(`md5: ${md5}; path: x`, 'deps:\n- path: ssh://evil.example/x\n')],
  ['merge conflict markers', '<<<<<<< ours\nouts: []\n=======\n>>>>>>> theirs\n'],
  ['an alias bomb', `a: &a [x]\nb: [*a, *a]\n${pointer(`md5: ${md5}; path: x`)}`],
  ['nothing', ''],
])('refuses %s', (_, text) => {
  expect(() => parseDvcFile(text, 'x.dvc')).toThrow(UsageError)
})

test.each([
  ['text that is not JSON', '[{"md5": '],
  ['an object', '{}'],
  ['a path that climbs', `[{"md5": "${md5}", "relpath": "../../x"}]`],
  ['an absolute path', `[{"md5": "${md5}", "relpath": "/x"}]`],
  ['an empty part', `[{"md5": "${md5}", "relpath": "a//b"}]`],
  ['a dot part', `[{"md5": "${md5}", "relpath": "a/./b"}]`],
  ['a drive', `[{"md5": "${md5}", "relpath": "C:/x"}]`],
  ['a NUL', `[{"md5": "${md5}", "relpath": "a\\u0000b"}]`],
  ['a path twice', `[{"md5": "${md5}", "relpath": "a"}, {"md5": "${md5}", "relpath": "a"}]`],
  ['two spellings of one path', `[{"md5": "${md5}", "relpath": "\\u00fc"}, {"md5": "${md5}", "relpath": "u\\u0308"}]`],
  ['a folder hash inside', `[{"md5": "${md5}.dir", "relpath": "a"}]`],
  ['null', '[null]'],
])('refuses a manifest with %s', (_, text) => {
  expect(() => parseDirManifest(...manifest(text))).toThrow(UsageError)
})

test('refuses a manifest whose bytes have another hash', () => {
  const [bytes] = manifest('[]')
  expect(() => parseDirManifest(bytes, `${md5}.dir`)).toThrow(/another hash/)
})

test('a plain path and the same path escaped are one path, two spellings of a letter too', () => {
  const row = (path: string) => `{"md5": "${md5}", "relpath": "${path}"}`
  const filler = Array.from({ length: 3 }, (_, i) => row(`0${i}`))
  const read = (...paths: string[]) => parseDirManifest(...manifest(`[${[...filler, ...paths.map(row)].join(', ')}]`))
  expect(() => read('a', '\\u0061')).toThrow(/twice/)
  expect(() => read('\\u00fc', 'u\\u0308')).toThrow(/twice/)
  expect(() => read('a', '..\\u002fx')).toThrow(/leaves the folder/)
  expect(read('a', '.hidden/x', 'z\\u00fc').map(({ path }) => path)).toEqual(['00', '01', '02', 'a', '.hidden/x', 'zü'])
})

test('refuses a manifest of more files than are read, however it is written', () => {
  const rows = ['a', 'b', 'c'].map((path) => `{"md5": "${md5}", "relpath": "${path}"}`)
  for (const text of [`[${rows.join(', ')}]`, `[${rows.join(',')}]`]) {
    expect(parseDirManifest(...manifest(text), 3)).toHaveLength(3)
    expect(() => parseDirManifest(...manifest(text), 2)).toThrow(/at most 2 are read/)
  }
})

test('takes keys that it does not know', () => {
  expect(parseDirManifest(...manifest(`[{"md5": "${md5}", "relpath": "a", "size": 3}]`))).toEqual([{ path: 'a', md5 }])
})

test('writes the bytes that DVC writes, whatever the letters', () => {
  const random = seededRandom('dvc manifest')
  const letters = ['a', 'Z', '9', ' ', '"', 'ü', '漢', '😀', '\u007f', '~', '\uffee', '-']
  const entries = Array.from({ length: 200 }, (_, i) => ({
    path: `${Array.from({ length: 1 + random.int(6) }, () => random.pick(letters)).join('')}/${i}.txt`,
    md5: md5Of(new TextEncoder().encode(String(i))),
  }))
  const script = `
import json, sys
from dvc_data.hashfile.tree import Tree
from dvc_data.hashfile.hash_info import HashInfo
tree = Tree()
for path, md5 in json.load(sys.stdin):
    tree.add(tuple(path.split('/')), None, HashInfo('md5', md5))
tree.digest()
sys.stdout.write(tree.hash_info.value)
`
  const oracle = execFileSync(pythonTool('python'), ['-c', script], {
    input: JSON.stringify(random.shuffle(entries).map(({ path, md5 }) => [path, md5])),
    encoding: 'utf8',
  })
  const written = dirManifest(entries)
  expect(written.md5).toBe(oracle)
  const usable = entries.filter(({ path }) => !path.includes('\u007f'))
  const { bytes, md5: name } = dirManifest(usable)
  expect(new Set(parseDirManifest(bytes, name).map(({ path }) => path))).toEqual(
    new Set(usable.map(({ path }) => path)),
  )
})

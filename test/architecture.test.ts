import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const walk = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()

const sources = [...walk('src', /\.ts$/), ...walk('actions', /\.ts$/)]
const everything = [...sources, ...walk('test', /\.ts$/), ...walk('scripts', /\.(ts|mjs)$/), ...walk('bin', /\.mjs$/)]
const python = walk('src', /\.py$/)
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

type Import = { specifier: string; typeOnly: boolean }
function importsOf(file: string): Import[] {
  const found: Import[] = []
  for (const match of textOf(file).matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )) {
    found.push({ specifier: (match[2] ?? match[3] ?? match[4]) as string, typeOnly: Boolean(match[1]) })
  }
  return found
}
const resolved = (file: string, specifier: string) =>
  specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier

// Folders of core from left to right; those of one group do not import each other.
const groups = [
  ['stats', 'geometry'],
  ['documents'],
  ['dataset', 'detect'],
  ['metrics'],
  ['check', 'compare', 'judge', 'select', 'rollout', 'synthetic'],
  ['render'],
]
const rank = (folder: string) => groups.findIndex((group) => group.includes(folder))
const coreFolder = (file: string) => /^src\/core\/([^/]+)\//.exec(file)?.[1]

test('a folder of core imports only folders to its left', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const from = coreFolder(file)
    if (!from) continue
    for (const { specifier } of importsOf(file)) {
      const target = resolved(file, specifier)
      const to = coreFolder(target)
      if (target.startsWith('src/') && !target.startsWith('src/core/')) wrong.push(`${file} imports ${target}`)
      else if (to && to !== from && rank(to) >= rank(from)) wrong.push(`${file} imports ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('core is pure: no file, process, network, clock or Actions toolkit', () => {
  const banned =
    /^(?:node:)?(?:fs|fs\/promises|child_process|worker_threads|net|http|https|dgram|timers|timers\/promises)$|^@actions\/|^execa$|^simple-git$|^sharp$|^onnxruntime/
  const wrong = sources
    .filter((file) => file.startsWith('src/core/'))
    .flatMap((file) => [
      ...importsOf(file)
        .filter(({ specifier }) => banned.test(specifier))
        .map(({ specifier }) => `${file} imports ${specifier}`),
      ...[...textOf(file).matchAll(/\b(Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\.)/g)].map(
        (match) => `${file} uses ${match[1]}`,
      ),
    ])
  expect(wrong).toEqual([])
})

test('steps and journeys import core and ports, never adapters or the command line', () => {
  const wrong = sources
    .filter((file) => /^src\/(steps|journeys)\//.test(file))
    .flatMap((file) => importsOf(file).map(({ specifier }) => [file, resolved(file, specifier)] as const))
    .filter(([, target]) => /^src\/(adapters|cli)\//.test(target))
  expect(wrong).toEqual([])
})

test('nothing in the product imports scripts or tests', () => {
  const wrong = sources
    .flatMap((file) => importsOf(file).map(({ specifier }) => [file, resolved(file, specifier)] as const))
    .filter(([, target]) => /^(scripts|test)\//.test(target))
  expect(wrong).toEqual([])
})

test('there are no import cycles', () => {
  const edges = new Map(
    sources.map((file) => [
      file,
      importsOf(file)
        .filter(({ typeOnly, specifier }) => !typeOnly && specifier.startsWith('.'))
        .map(({ specifier }) => resolved(file, specifier)),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file) || path.includes(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  expect(cycles).toEqual([])
})

test('a file has at most 300 lines', () => {
  const long = [...everything, ...python]
    .map((file) => [file, textOf(file).split('\n').length] as const)
    .filter(([, lines]) => lines > 300)
  expect(long).toEqual([])
})

test('an action has at most 60 lines of program', () => {
  const long = walk('actions', /main\.ts$/).filter((file) => textOf(file).split('\n').length > 61)
  expect(long).toEqual([])
})

test('what an action prints goes through one door, where secrets, hidden characters and commands to the runner end', () => {
  const mains = walk('actions', /main\.ts$/)
  expect(mains.filter((file) => !/^main\(\)\.catch\(failWith\)$/m.test(textOf(file)))).toEqual([])
  const direct = /\bcore\.(?:setFailed|info|debug|notice|warning|error)\b|\bprocess\.std\w+\.write/
  expect(mains.filter((file) => direct.test(textOf(file)))).toEqual([])
})

test('names are kebab-case', () => {
  expect([...everything, ...python].filter((file) => !/^[a-z0-9./_-]+$/.test(file))).toEqual([])
})

test('no module is mocked, no type is any, no default is exported by the product', () => {
  const any = new RegExp(`:\\s*${'any'}\\b|\\bas ${'any'}\\b|<${'any'}>`)
  const mocked = new RegExp(`\\bvi\\.(${'mock'}|doMock|hoisted)\\b`)
  expect(everything.filter((file) => mocked.test(textOf(file)))).toEqual([])
  expect(everything.filter((file) => any.test(textOf(file)))).toEqual([])
  expect(sources.filter((file) => /^export default/m.test(textOf(file)))).toEqual([])
})

test('only adapters start programs, open files or sockets; the command line may read and write through them', () => {
  const wrong = sources
    .filter((file) => !/^src\/(adapters|cli)\//.test(file) && !file.startsWith('actions/'))
    .flatMap((file) => importsOf(file).map(({ specifier }) => [file, specifier] as const))
    .filter(([, specifier]) => /^node:(fs|child_process|net|http|https|worker_threads)/.test(specifier))
  expect(wrong).toEqual([])
})

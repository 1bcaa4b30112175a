import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { sourceStack } from '../../src/cli/source-stack.ts'
import { declaredKinds, evidenceKinds } from '../../src/core/documents/kinds.ts'
import { schemaCompiler } from '../../src/core/documents/schema-compiler.ts'
import { type Random, seededRandom } from '../../src/core/stats/random.ts'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'

// A clone of its own: what is built and edited here is nobody else's.
const clone = mkdtempSync(join(tmpdir(), 'sluice-built-'))
const builds = join(clone, 'node_modules/.cache/sluice-built')
const build = (reject = true) => execa(process.execPath, [join(clone, 'scripts/build-command.ts')], { reject })
const newest = () => join(builds, readFileSync(join(builds, 'newest'), 'utf8'))
const sluice = (args: string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(clone, 'bin/sluice.mjs'), ...args], { reject: false, env, cwd: clone })
const chunks = () =>
  readdirSync(newest(), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => join(newest(), name))
let data = ''

beforeAll(async () => {
  for (const part of [
    'bin',
    'src',
    'gates',
    'scripts/build-command.ts',
    'scripts/build-validators.ts',
    'package.json',
  ]) {
    cpSync(join(home, part), join(clone, part), { recursive: true })
  }
  mkdirSync(join(clone, 'node_modules/.cache'), { recursive: true })
  for (const name of readdirSync(join(home, 'node_modules'))) {
    const [there, here] = [join(home, 'node_modules', name), join(clone, 'node_modules', name)]
    if (name === '.package-lock.json') cpSync(there, here)
    else if (name !== '.cache') symlinkSync(there, here)
  }
  data = await dataFolder([rowsOf(found), '0 1.2 0.5 0.1 0.1', ''])
  modelFile(clone, 'model.onnx', found)
  for (const old of ['a-1', 'a-2', 'a-3', 'a-4']) mkdirSync(join(builds, old), { recursive: true })
  await build()
})
afterAll(() => {
  for (const place of [clone, data]) rmSync(place, { recursive: true, force: true })
})

describe('a built command', () => {
  test.each([
    [1, 'a check', ['check', 'DATA', '--json', 'OUT']],
    [2, 'a check of a revision that is not there', ['check', 'DATA', '--base', 'nothing']],
    [0, 'a model', ['evaluate', '--model', 'model.onnx', '--data', 'DATA', '--json', 'OUT']],
    [
      0,
      'a model in a process of its own',
      ['bench', 'model.onnx', 'model.onnx', '--images', 'DATA/images', '--runs', '2', '--per-run', '1'],
    ],
    [3, 'evidence that is not there', ['gate', 'gates/model.yaml', '--evidence', 'none']],
    [2, 'a policy that is broken', ['check', 'DATA', '--policy', 'package.json']],
    [2, 'a verb that is not there', ['chekc']],
    [0, 'help', ['merge', '--help']],
  ])('says, writes and ends as its sources do, with %i: %s', async (code, _, words) => {
    const run = async (out: string, env: Record<string, string> = {}) => {
      const { exitCode, stdout, stderr } = await sluice(
        words.map((word) => word.replace('DATA', data).replace('OUT', out)),
        env,
      )
      // Times differ from run to run, and so does the noise that was seen.
      const noise = /^ *noise: .*\n?|, (?:by processor time, since the machine was noisy|noisy machine)/gm
      const [said, told] = [stdout, stderr].map((text) => text.replaceAll(noise, '').replaceAll(/\d[\d.]*/g, '#'))
      const path = join(clone, out)
      return { exitCode, said, told, wrote: existsSync(path) ? readFileSync(path, 'utf8') : '' }
    }
    const built = await run('built.json')
    expect(built).toEqual(await run('sources.json', { SLUICE_SOURCES: '1' }))
    expect(built.exitCode).toBe(code)
  })

  test('every source keeps its own address, and the stack of a bug names it', () => {
    const addresses = chunks().flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new URL\("([^"]+)", import\.meta\.url\)\.href/g)].map(([, path]) =>
        join(dirname(file), path!),
      ),
    )
    expect(addresses.length).toBeGreaterThan(5)
    expect(addresses.filter((address) => !existsSync(address))).toEqual([])
    const place = (file: string, phrase: string) => {
      const before = readFileSync(file, 'utf8').split(phrase)[0]!.split('\n')
      return `${pathToFileURL(file).href}:${before.length}:${before.at(-1)!.length + 1}`
    }
    const built = `at main (${place(join(newest(), 'check/main.mjs'), 'createConsole();')})`
    const source = place(join(clone, 'src/cli/main.ts'), 'createConsole()')
    expect(sourceStack(`TypeError\n    ${built}\n    at x (node:fs:1:2)`)).toBe(
      `TypeError\n    at main (${source})\n    at x (node:fs:1:2)`,
    )
  })
})

test('a built validator says of any body what the compiler of schemas says', () => {
  const require = createRequire(import.meta.url)
  const compiler = schemaCompiler()
  const random = seededRandom('validators')
  for (const kind of [...declaredKinds, ...evidenceKinds]) {
    const built = require(join(newest(), 'validators', `${kind.kind}.cjs`)) as ReturnType<typeof compiler.compile>
    const compiled = compiler.compile(kind.schema)
    const bodies = Array.from({ length: 20 }, () => bodyOf(kind.schema as JsonSchema, random))
    for (const body of [null, [], {}, ...bodies]) {
      expect([kind.kind, built(body), built.errors]).toEqual([kind.kind, compiled(body), compiled.errors])
    }
    expect(bodies.some((body) => compiled(body))).toBe(true)
  }
})

type JsonSchema = { [keyword: string]: unknown }

/** A body by its schema, in which now and then something is wrong. */
function bodyOf(schema: JsonSchema, random: Random): unknown {
  if (random.next() < 0.01) return random.pick([-1.5, 'x'.repeat(300), null, ['?'], { unknown: 1 }])
  if (schema.enum) return random.pick(schema.enum as unknown[])
  if ('const' in schema) return schema.const
  const branches = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (branches) return bodyOf(random.pick(branches), random)
  if (schema.type === 'object') {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
    const required = (schema.required ?? []) as string[]
    const some = properties.filter(([key]) => required.includes(key) || random.next() < 0.5)
    return Object.fromEntries(some.map(([key, value]) => [key, bodyOf(value, random)]))
  }
  if (schema.type === 'array') {
    const length = (schema.minItems as number | undefined) ?? 1
    return Array.from({ length }, () => bodyOf(schema.items as JsonSchema, random))
  }
  if (schema.type === 'string')
    return schema.format === 'date' ? '2026-11-29' : schema.pattern ? 'a'.repeat(64) : 'text'
  if (schema.type === 'boolean') return true
  return 1
}

describe('of a build', () => {
  const source = (path: string) => join(clone, 'src', path)
  const usage = (verb: string) => source(`cli/usage/${verb}.ts`)
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  const more = (text: string) => `${text}\n`
  const help = async (verb: string, env?: Record<string, string>) => (await sluice([verb, '--help'], env)).stdout

  // The help of a build tells itself from that of its sources.
  beforeAll(() => {
    for (const file of chunks()) edit(file, (text) => text.replace('const usage = `', 'const usage = `as built'))
  })

  // Each verb has sources of its own; packages are everybody's.
  test.each([
    ['edited', 'gate', () => edit(usage('gate'), more)],
    [
      'edited to the same size, with its old date set again',
      'lint',
      () => {
        const { atime, mtime } = statSync(usage('lint'))
        edit(usage('lint'), (text) => text.replace('sluice', 'SLUICE'))
        utimesSync(usage('lint'), atime, mtime)
      },
    ],
    [
      'replaced by a file of the same date and size',
      'merge',
      () => {
        cpSync(usage('merge'), `${usage('merge')}.new`, { preserveTimestamps: true })
        renameSync(`${usage('merge')}.new`, usage('merge'))
      },
    ],
    ['edited deep below', 'synth', () => edit(source('core/synthetic/backgrounds.ts'), more)],
    ['of a package that is installed', 'init', () => edit(join(clone, 'node_modules/.package-lock.json'), more)],
  ])('nothing stale runs when a source is %s', async (_, verb, change) => {
    expect(await help(verb)).toContain('as built')
    expect(await help(verb, { SLUICE_SOURCES: '1' })).not.toContain('as built')
    change()
    expect(await help(verb)).not.toContain('as built')
  })

  test('two before it stay', () => {
    expect(readdirSync(builds).toSorted().slice(0, 2)).toEqual(['a-3', 'a-4'])
    expect(readdirSync(builds)).toHaveLength(4)
  })

  test('it is not named when a source changes meanwhile', async () => {
    const before = newest()
    const touch = setInterval(() => utimesSync(usage('gate'), new Date(), new Date()), 2)
    const { exitCode, stderr } = await build(false).finally(() => clearInterval(touch))
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/gate\.ts changed while it was built/)])
    expect(newest()).toBe(before)
  })
})

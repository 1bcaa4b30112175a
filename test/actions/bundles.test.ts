import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildAction, bundledActions } from '../../scripts/build-actions.ts'

const names = bundledActions()
const folder = mkdtempSync(join(tmpdir(), 'sluice-bundles-'))
const fileOf = (name: string) => join(folder, name, 'main.mjs')
beforeAll(async () => {
  for (const name of names) await buildAction(name, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const builtins = new Set(builtinModules)
/** Colours for a log that nobody asks for; the library goes on without it. */
const optional = new Set(['supports-color'])

type Node = Record<string, unknown> & { type?: string }
/** What a program loads while it runs, and whether it opens libraries of machine code itself. */
function loadedBy(program: string): { modules: string[]; unknown: number; native: number } {
  const found = { modules: new Set<string>(), unknown: 0, native: 0 }
  const note = (source: unknown) => {
    const name = (source as { value?: unknown } | undefined)?.value
    if (typeof name === 'string') found.modules.add(name.replace(/^node:/, ''))
    else found.unknown++
  }
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    const node = value as Node
    const callee = (node.callee as { name?: string } | undefined)?.name
    if (node.type === 'ImportDeclaration' || node.type === 'ImportExpression') note(node.source)
    if (node.type === 'CallExpression' && (callee === 'require' || callee === '__require')) {
      note((node.arguments as unknown[])[0])
    }
    const property = node.type === 'MemberExpression' ? (node.property as { name?: string; value?: unknown }) : {}
    if (property.name === 'dlopen' || property.value === 'dlopen') found.native++
    for (const inner of Object.values(node)) walk(inner)
  }
  walk(parseAst(program))
  return { ...found, modules: [...found.modules] }
}

test.each(names)(
  'the action %s is one file of JavaScript: it loads nothing but Node and reaches no machine code',
  (name) => {
    const program = readFileSync(fileOf(name), 'utf8')
    const { modules, unknown, native } = loadedBy(program)
    expect(modules.filter((module) => !builtins.has(module) && !optional.has(module))).toEqual([])
    expect([unknown, native]).toEqual([0, 0])
    expect(program).not.toMatch(/["'`][^"'`\n]{0,200}(?:\.node|onnxruntime_binding|sharp-linux)["'`]/)
  },
)

test('it would see a native library, a package and a name that is worked out', () => {
  const program = "import a from 'sharp'\nawait import(a)\nprocess.dlopen({}, a)\nconst __require = a\n__require('b')\n"
  expect(loadedBy(program)).toEqual({ modules: ['sharp', 'b'], unknown: 1, native: 1 })
})

test.each(names)('the action %s starts where nothing is installed, and says what it lacks', (name) => {
  const empty = { PATH: process.env.PATH, GITHUB_OUTPUT: join(folder, 'output'), RUNNER_TEMP: folder }
  writeFileSync(join(folder, 'output'), '')
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileOf(name)], {
    cwd: folder,
    env: empty,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([1, ''])
  expect(stdout).toMatch(/^::error::[^\n]+\n$/)
  expect(stdout).not.toMatch(/Cannot find|MODULE_NOT_FOUND|undefined/)
})

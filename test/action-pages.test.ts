import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionPage, actionPages, sections } from '../scripts/action-readme.ts'
import { actionNames, bundledActions } from '../scripts/build-actions.ts'
import { installTools, tool } from './actions/act.ts'
import { problemsOf } from './workflow-rules/rules.ts'
import { contextOf } from './workflow-rules/workflow.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-action-pages-'))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pageOf = (name: string) => read(`actions/${name}/README.md`)
/** The example of a page, with actions of ours as this repository names them. */
function exampleOf(name: string): string {
  const [example = '', ...others] = [...pageOf(name).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text)
  expect(others).toEqual([])
  return example.replaceAll(/OWNER\/sluice\/(actions\/[\w-]+)@COMMIT # vN\.N\.N/g, './$1')
}
const fileOf = (name: string) => (['report', 'commands'].includes(name) ? `${name}.yml` : `own-${name}.yml`)
type Inputs = Record<string, { required?: boolean }>

beforeAll(async () => {
  await installTools()
  await execa('git', ['init', '--quiet', folder])
  cpSync(join(root, '.github/actionlint.yaml'), join(folder, '.github/actionlint.yaml'))
  for (const name of actionNames()) {
    cpSync(join(root, 'actions', name, 'action.yml'), join(folder, 'actions', name, 'action.yml'))
    // actionlint looks whether the program that an action.yml names is there.
    const program = join(folder, 'dist', name, 'main.mjs')
    if (bundledActions().includes(name)) mkdirSync(dirname(program), { recursive: true })
    if (bundledActions().includes(name)) writeFileSync(program, '')
  }
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every page says what its action.yml says; node scripts/action-readme.ts writes it', () => {
  for (const [path, text] of actionPages()) expect(readFileSync(path, 'utf8'), path).toBe(text)
  const [first] = actionNames()
  const yaml = read(`actions/${first}/action.yml`)
  const other = actionPage(yaml.replace('description: ', 'description: Other, '), pageOf(first as string))
  expect(other).not.toBe(pageOf(first as string))
})

test.each(actionNames())('the page of %s has its sections, in order, with something in each', (name) => {
  const [, ...parts] = pageOf(name).split(/^## /m)
  expect(parts.map((part) => part.split('\n')[0])).toEqual(sections)
  for (const part of parts) expect(part.split('\n').slice(1).join('').trim().length).toBeGreaterThan(60)
})

test.each(actionNames())('the example of %s keeps the rules of our own workflows and names its permissions', (name) => {
  const context = contextOf(fileOf(name), exampleOf(name))
  expect(problemsOf(context)).toEqual([])
  const uses = context.steps.filter(({ step }) => step.uses === `./actions/${name}`)
  expect(uses.length).toBeGreaterThan(0)
  const inputs = (parse(read(`actions/${name}/action.yml`)) as { inputs?: Inputs }).inputs ?? {}
  const required = Object.keys(inputs).filter((input) => inputs[input]?.required)
  for (const { step } of uses) expect(Object.keys(step.with ?? {})).toEqual(expect.arrayContaining(required))
  const said = pageOf(name).split(/^## /m)[3] ?? ''
  const scopes = context.jobs.flatMap(([, { permissions = {} }]) => Object.keys(permissions))
  expect(scopes.filter((scope) => !said.includes(scope))).toEqual([])
})

test('actionlint has nothing to say about the examples', async () => {
  for (const name of actionNames()) {
    const path = join(folder, '.github/workflows', fileOf(name))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, exampleOf(name))
  }
  const { stdout, exitCode } = await execa(tool('actionlint'), ['-no-color'], { cwd: folder, reject: false })
  expect(stdout).toBe('')
  expect(exitCode).toBe(0)
})

test('the page on actions lists each once', () => {
  const listed = [...read('docs/actions.md').matchAll(/^\| \[([\w-]+)\]\(\.\.\/actions\/([\w-]+)\/README\.md\)/gm)]
  expect(listed.map(([, label]) => label)).toEqual(listed.map(([, , name]) => name))
  expect(listed.map(([, label]) => label).toSorted()).toEqual(actionNames())
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionNames, buildAction, bundledActions } from '../scripts/build-actions.ts'
import { installTools, tool } from './actions/act.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

beforeAll(installTools, 600_000)

test('actionlint has nothing to say', async () => {
  // It looks whether the program that an action.yml names is there: a fresh clone has none before it is built.
  for (const name of bundledActions()) await buildAction(name)
  const { stdout, exitCode } = await execa(tool('actionlint'), ['-no-color'], { cwd: root, reject: false })
  expect(stdout).toBe('')
  expect(exitCode).toBe(0)
})

type Step = { run?: string; env?: Record<string, string> }

test.each(actionNames())('action %s: every input is read and every output set', (name) => {
  const text = readFileSync(join(root, 'actions', name, 'action.yml'), 'utf8')
  const action = parse(text) as { inputs: object; outputs: object; runs: { using: string; steps?: Step[] } }
  const program = readFileSync(join(root, 'actions', name, 'main.ts'), 'utf8')
  if (bundledActions().includes(name)) {
    expect(action.runs).toEqual({ using: 'node24', main: `../../dist/${name}/main.mjs` })
  } else {
    expect(action.runs.using).toBe('composite')
    const env = Object.assign({}, ...(action.runs.steps ?? []).map((step) => step.env ?? {}))
    const handed = Object.keys(action.inputs).map((input) => [
      `INPUT_${input.toUpperCase()}`,
      `\${{ inputs.${input} }}`,
    ])
    expect(env).toEqual(Object.fromEntries(handed))
    for (const { run = '' } of action.runs.steps ?? []) expect(run).not.toContain('${{')
  }
  const named = (call: string) => [...program.matchAll(new RegExp(`${call}\\('([^']+)'`, 'g'))].map((match) => match[1])
  expect(named('getInput').toSorted()).toEqual(Object.keys(action.inputs).toSorted())
  expect(named('setOutput').toSorted()).toEqual(Object.keys(action.outputs).toSorted())
})

test('what Report says of the budget is what Train holds to', () => {
  const given = (file: string) => {
    const text = readFileSync(join(root, '.github/workflows', file), 'utf8')
    return [...text.matchAll(/^ +((?:gpu-hours|machines).*)$/gm)].map(([, line]) => line)
  }
  expect(given('report.yml')).toHaveLength(3)
  expect(given('report.yml')).toEqual(given('train.yml'))
})

test('built actions are not committed on branches', () => {
  expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^\/dist\/$/m)
  expect(existsSync(join(root, 'actions/dataset-qa/action.yml'))).toBe(true)
})

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { buildAction } from '../../scripts/build-actions.ts'

/** Builds actions into a folder of their own, as they are released, and runs them by Node with the environment that GitHub gives. */
export async function builtActions(...names: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-actions-'))
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await buildAction(name, join(folder, 'dist'))] as const)),
  )
  // What lies beside a bundle in the installation.
  const beside = ['gates', 'src/adapters/dvc/fetch_objects.py', 'scripts/bootstrap.mjs', 'pipelines/python/dvc.lock']
  for (const path of beside) {
    cpSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), join(folder, path), { recursive: true })
  }
  let count = 0
  /** One step; inputs are those of action.yml, with its defaults. What it printed, its outputs and what it wrote for the run's page. */
  const run = async (
    name: string,
    step: {
      root: string
      event: object
      eventName: string
      inputs: Record<string, string>
      env?: Record<string, string | undefined>
    },
  ) => {
    const own = mkdtempSync(join(folder, `step-${count++}-`))
    const at = (file: string) => join(own, file)
    writeFileSync(at('event.json'), JSON.stringify(step.event))
    for (const file of ['output', 'summary']) writeFileSync(at(file), '')
    const inputs = Object.entries({ ...defaultsOf(name), ...step.inputs }).map(([key, value]) => [
      `INPUT_${key.toUpperCase()}`,
      value,
    ])
    const { status, printed } = await ended(files[name] as string, step.root, {
      PATH: process.env.PATH ?? '',
      HOME: own,
      SLUICE_TOOLS: process.env.SLUICE_TOOLS ?? fileURLToPath(new URL('../../.tools/python', import.meta.url)),
      GITHUB_WORKSPACE: step.root,
      GITHUB_REPOSITORY: 'acme/data',
      GITHUB_EVENT_NAME: step.eventName,
      GITHUB_EVENT_PATH: at('event.json'),
      GITHUB_OUTPUT: at('output'),
      GITHUB_STEP_SUMMARY: at('summary'),
      RUNNER_TEMP: own,
      ...Object.fromEntries(inputs),
      ...step.env,
    })
    const [output, summary] = ['output', 'summary'].map((file) => readFileSync(at(file), 'utf8')) as [string, string]
    return { status, printed, output, summary, evidence: at('sluice') }
  }
  return { folder, run, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Inputs that a runner fills in where a step gives none; those that it would compute are for the test to give. */
function defaultsOf(name: string): Record<string, string> {
  const text = readFileSync(new URL(`../../actions/${name}/action.yml`, import.meta.url), 'utf8')
  const { inputs = {} } = parse(text) as { inputs?: Record<string, { default?: string }> }
  const defaults = Object.entries(inputs).map(([key, input]) => [key, String(input.default ?? '')])
  return Object.fromEntries(defaults.filter(([, value]) => !value?.includes('${{')))
}

/** A program of Node until its end; the test's own servers answer meanwhile. */
export function ended(file: string, cwd: string, env: Record<string, string>, args: string[] = []) {
  return new Promise<{ status: number | null; printed: string }>((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { cwd, env })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        printed += chunk
      })
    }
    child.on('close', (status) => resolve({ status, printed }))
  })
}

/** Commands that a runner obeys in what was printed: "::word" at the start of a line, "##[word" anywhere in one. */
export function obeyed(printed: string): string[] {
  return printed.split('\n').flatMap((line) => {
    const [, second] = /^::([\w-]+)(?: .*?)?::/.exec(line.trim()) ?? []
    if (second) return [second]
    const [, first] = /##\[([\w-]+)/.exec(line) ?? []
    return first ? [`##[${first}`] : []
  })
}

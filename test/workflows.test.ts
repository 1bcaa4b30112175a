import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionReadme } from '../scripts/action-readme.ts'
import { actionNames, buildAction } from '../scripts/build-actions.ts'
import { installTools, tool } from './actions/act.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
type Step = { name?: string; uses?: string; run?: string; with?: Record<string, unknown>; if?: string }
type Job = {
  name?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  steps?: Step[]
  uses?: string
  'runs-on'?: unknown
}
type Workflow = {
  on: Record<string, { paths?: unknown } | null>
  permissions?: object
  concurrency?: object
  defaults?: { run?: { shell?: string } }
  jobs: Record<string, Job>
}

/** What is wrong with a workflow, one line each; rules of docs/github.md. */
function problemsOf(text: string): string[] {
  const workflow = parse(text) as Workflow
  const wrong: string[] = []
  const events = Object.keys(workflow.on)
  for (const event of ['pull_request_target', 'issue_comment', 'workflow_run']) {
    if (events.includes(event)) wrong.push(`runs on ${event}`)
  }
  if (JSON.stringify(workflow.permissions) !== '{}') wrong.push('permissions are not {} at the top')
  if (!workflow.concurrency) wrong.push('no concurrency')
  if (workflow.defaults?.run?.shell !== 'bash') wrong.push('no shell is named: bash without pipefail')
  for (const [id, job] of Object.entries(workflow.jobs)) {
    if (!job.name) wrong.push(`${id} has no name`)
    if (!job.permissions) wrong.push(`${id} has no permissions`)
    if (!job.uses && !Number.isInteger(job['timeout-minutes'])) wrong.push(`${id} has no timeout`)
    if (events.includes('pull_request') && JSON.stringify(job['runs-on']).includes('self-hosted'))
      wrong.push(`${id} gives a fork our machine`)
    for (const [i, step] of (job.steps ?? []).entries())
      wrong.push(...stepProblems(step).map((what) => `${id} step ${i + 1} ${what}`))
    for (const scope of Object.keys(job.permissions ?? {})) {
      if (!new RegExp(`^\\s+${scope}: \\w+ # .{8,}`, 'm').test(text))
        wrong.push(`${id} does not say why it needs ${scope}`)
    }
  }
  for (const line of text.match(/^\s*(?:- )?uses: (?!\.\/).*$/gm) ?? []) {
    if (!/ # v\d+\.\d+\.\d+$/.test(line)) wrong.push(`no version beside${line.split('uses:')[1]}`)
  }
  if (/secrets\s*:\s*inherit|toJSON\(secrets/i.test(text)) wrong.push('hands all secrets on')
  return wrong
}

function stepProblems(step: Step): string[] {
  const wrong: string[] = []
  if (!step.name) wrong.push('has no name')
  if (step.uses && !/^(\.\/|\$\/|(?:actions|github)\/[\w./-]+@[0-9a-f]{40}$)/.test(step.uses))
    wrong.push(`uses ${step.uses}, not pinned by SHA`)
  if (step.run && /\$\{\{/.test(step.run)) wrong.push('puts an expression into a script')
  if (step.run && /GITHUB_ENV|GITHUB_PATH|curl[^|]*\|\s*(ba)?sh|dvc gc|push --force|--tags/.test(step.run))
    wrong.push('does what no workflow of ours does')
  if (step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false)
    wrong.push('keeps the token in .git/config')
  if (step.uses?.startsWith('actions/checkout@') && step.with?.['allow-unsafe-pr-checkout'])
    wrong.push('checks a fork out with secrets')
  return wrong
}

const folder = join(root, '.github/workflows')
const workflows = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))

beforeAll(installTools, 600_000)

test.each(workflows)('%s keeps the rules', (name) => {
  expect(problemsOf(readFileSync(join(folder, name), 'utf8'))).toEqual([])
})

test.each([
  [
    'uses: actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0',
    'uses: actions/checkout@v7',
    /not pinned/,
  ],
  ['persist-credentials: false', 'persist-credentials: true', /keeps the token/],
  ['timeout-minutes: 60', 'continue-on-error: false', /no timeout/],
  ['permissions: {}', 'permissions: write-all', /permissions are not/],
  ['  pull_request:', '  pull_request_target:', /runs on pull_request_target/],
  ['run: .ci/run', 'run: echo $' + '{{ github.event.pull_request.title }}', /expression into a script/],
  [/ # to check out.*/, '', /does not say why/],
  ['runs-on: ubuntu-latest', 'runs-on: [self-hosted, gpu]', /a fork our machine/],
  [' # v7.0.0', '', /no version beside/],
])('a workflow with %j as %j is found', (from, to, problem) => {
  const sound = readFileSync(join(folder, 'ci.yml'), 'utf8')
  const spoilt = sound.replace(from, to)
  expect(spoilt).not.toBe(sound)
  expect(problemsOf(spoilt).join('\n')).toMatch(problem)
})

test('actionlint has nothing to say', async () => {
  // It looks whether the program that an action.yml names is there: a fresh clone has none before it is built.
  for (const name of actionNames()) await buildAction(name)
  const { stdout, exitCode } = await execa(tool('actionlint'), ['-no-color'], { cwd: root, reject: false })
  expect(stdout).toBe('')
  expect(exitCode).toBe(0)
})

test.each(actionNames())(
  'action %s: Node 24, a README that its action.yml gives, every input read and every output set',
  async (name) => {
    const text = readFileSync(join(root, 'actions', name, 'action.yml'), 'utf8')
    const action = parse(text) as { inputs: object; outputs: object; runs: { using: string; main: string } }
    const program = readFileSync(join(root, 'actions', name, 'main.ts'), 'utf8')
    expect(action.runs).toEqual({ using: 'node24', main: `../../dist/${name}/main.mjs` })
    const named = (call: string) =>
      [...program.matchAll(new RegExp(`${call}\\('([^']+)'`, 'g'))].map((match) => match[1])
    expect(named('getInput').toSorted()).toEqual(Object.keys(action.inputs).toSorted())
    expect(named('setOutput').toSorted()).toEqual(Object.keys(action.outputs).toSorted())
    await expect(actionReadme(name, text)).toMatchFileSnapshot(join(root, 'actions', name, 'README.md'))
  },
)

test('built actions are not committed on branches', () => {
  expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^\/dist\/$/m)
  expect(existsSync(join(root, 'actions/dataset-qa/action.yml'))).toBe(true)
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { gatePolicy, pipeline } from '../../src/core/documents/declared.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { installTools, tool } from '../actions/act.ts'
import { pythonEnvironment } from '../python-environment.ts'
import { problemsOf } from '../workflow-rules/rules.ts'
import { contextOf } from '../workflow-rules/workflow.ts'

const home = fileURLToPath(new URL('../..', import.meta.url))
const commit = '0123456789abcdef0123456789abcdef01234567'
let folder = ''
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-init-'))
  await execa('git', ['init', '--quiet', folder])
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const init = (...args: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), 'init', folder, ...args], { reject: false })
const usual = ['--sluice', `acme/sluice@${commit}`, '--owner', '@acme/data', '--data', 'data/site']
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

test('a repository gets policies, pipelines, workflows and code owners that keep every rule of ours', async () => {
  const { exitCode, stdout } = await init(...usual)
  expect(exitCode).toBe(0)
  const written = stdout.split('\n').map((line) => line.replace(/^wrote /, ''))
  const workflows = written.filter((path) => path.startsWith('.github/workflows/'))
  expect(workflows.map((path) => path.slice(18)).sort()).toEqual([
    'commands.yml',
    'dataset-pr.yml',
    'promotion-pr.yml',
    'propose.yml',
    'release.yml',
    'report.yml',
    'supersede.yml',
    'train.yml',
  ])
  for (const path of workflows) {
    // Of sluice's own actions, which a whole workflow names, the rules know the short form.
    const whole = /\/(propose|release)\.yml$/.exec(path)?.[1]
    const text = read(path).replace(/acme\/sluice\/(actions\/\w+)@0123456789abcdef\w{24} # v0\.1\.0/g, './$1')
    expect(problemsOf(contextOf(path.slice(18), text)), path).toEqual([])
    const used = whole ? `actions/${whole}` : path
    // One step of shell is all that ends a training.
    const isOwn = path.endsWith('/supersede.yml')
    expect(read(path)).toContain(isOwn ? 'group: train-' : `uses: acme/sluice/${used}@${commit} # v0.1.0`)
    expect(read(path)).not.toMatch(/uses: \.|hashFiles|workflow_call|SLUICE_DATA_PATH/)
  }
  for (const path of written.filter((name) => /^gates\/(?!waivers).*\.yaml$/.test(name))) {
    expect(() => parseDeclared(gatePolicy, read(path), path)).not.toThrow()
  }
  for (const path of written.filter((name) => /^pipelines\/[^/]*\.yaml$/.test(name))) {
    expect(() => parseDeclared(pipeline, read(path), path)).not.toThrow()
  }
  expect(read('.github/CODEOWNERS')).toMatch(/^\/gates\/ +@acme\/data$/m)
})

test('what a caller hands on is what the called workflow asks for, and it grants what that needs', async () => {
  await init(...usual)
  for (const file of ['dataset-pr', 'promotion-pr', 'train', 'report', 'commands']) {
    const caller = contextOf(`${file}.yml`, read(`.github/workflows/${file}.yml`)).workflow
    const called = contextOf(`${file}.yml`, readFileSync(join(home, `.github/workflows/${file}.yml`), 'utf8')).workflow
    const [job] = Object.values(caller.jobs) as [{ with?: object; permissions?: Record<string, string> }]
    const wanted = (called.on.workflow_call?.inputs ?? {}) as object
    expect(Object.keys(job.with ?? {}).sort(), file).toEqual(Object.keys(wanted).sort())
    const needed = Object.values(called.jobs).flatMap(({ permissions = {} }) => Object.entries(permissions))
    for (const [scope, access] of needed)
      expect([access, 'write'], `${file}: ${scope}`).toContain(job.permissions?.[scope])
    const events = (of: object) => Object.keys(of).filter((name) => name !== 'workflow_call')
    expect(events(caller.on).sort(), file).toEqual(events(called.on).sort())
    expect(caller.name).toBe(called.name)
  }
})

test('actionlint and zizmor have nothing to say about a new repository', async () => {
  await installTools()
  await init(...usual)
  const lint = await execa(tool('actionlint'), ['-no-color'], { cwd: folder, reject: false })
  expect(lint.stdout).toBe('')
  const zizmor = join(pythonEnvironment('test-lint', join(home, 'test/lint/requirements.lock')), 'zizmor')
  const strict = ['--offline', '--persona', 'auditor', '--no-progress', '--color', 'never', '--format', 'plain']
  const audit = await execa(zizmor, [...strict, '.github'], { cwd: folder, reject: false })
  expect(`${audit.stdout}${audit.stderr}`).toContain('No findings to report')
}, 180_000)

test('workflows that read data are written whole where an environment has the key of their remote', async () => {
  await installTools()
  expect((await init(...usual, '--whole')).exitCode).toBe(0)
  for (const file of ['dataset-pr.yml', 'promotion-pr.yml', 'train.yml']) {
    const text = read(`.github/workflows/${file}`)
    expect(text).toMatch(/SLUICE_DVC_CONFIG: \$\{\{ secrets\.SLUICE_DVC_CONFIG \}\}/)
    expect(text).toContain('DATA_PATH: "data/site"')
    const named = text.replace(/acme\/sluice\/(actions\/[\w-]+)@0123456789abcdef\w{24} # v0\.1\.0/g, './$1')
    expect(problemsOf(contextOf(file, named)), file).toEqual([])
  }
  const lint = await execa(tool('actionlint'), ['-no-color'], { cwd: folder, reject: false })
  expect(lint.stdout).toBe('')
}, 60_000)

test('a file that is there is kept, a second run writes nothing, and a dry run writes nothing at all', async () => {
  const dry = await init(...usual, '--dry-run')
  expect(dry.stdout).toContain('would write gates/model.yaml')
  mkdirSync(join(folder, 'gates'), { recursive: true })
  writeFileSync(join(folder, 'gates/model.yaml'), 'name: mine\n')
  expect((await init(...usual)).stdout).toContain('kept, says something else: gates/model.yaml')
  expect(read('gates/model.yaml')).toBe('name: mine\n')
  const again = (await init(...usual)).stdout.split('\n')
  expect(again.filter((line) => !/^(same|kept)/.test(line))).toEqual([])
})

test.each([
  [['--owner', '@ana'], /names no release commit/],
  [['--sluice', 'acme/sluice@main', '--owner', '@ana'], /names no release commit/],
  [['--sluice', `acme/sluice@${commit}`], /nobody owns the policies/],
  [['--sluice', `acme/sluice@${commit}`, '--owner', 'ana'], /is no login/],
  [['--sluice', `acme/sluice@${commit}`, '--owner', '@ana', '--data', '../x'], /no folder below the root/],
  [['--sluice', `acme/sluice@${commit}`, '--owner', '@ana', '--version', 'v1 # x'], /not vN/],
])('refuses %j and writes nothing', async (args, message) => {
  const { exitCode, stderr } = await init(...args)
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(message)
  expect((await execa('git', ['-C', folder, 'status', '--short'])).stdout).toBe('')
})

test('refuses a folder that is no repository', async () => {
  rmSync(join(folder, '.git'), { recursive: true })
  const { exitCode, stderr } = await init(...usual)
  expect(exitCode).toBe(2)
  expect(stderr).toContain('this is no repository')
})

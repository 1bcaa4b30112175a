import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { bundledActions } from '../../scripts/build-actions.ts'
import { startAlone } from '../../scripts/release-commits.ts'
import { linkPackages } from '../../scripts/story-github/sluice-commit.ts'
import { githubWorld } from '../../scripts/story-github/world.ts'
import { releasedWorkflow } from '../../src/core/render/released-workflow.ts'
import { problemsOf } from '../workflow-rules/rules.ts'
import { contextOf, type Step } from '../workflow-rules/workflow.ts'
import { installTools } from './act.ts'

const home = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-release-'))
const source = join(folder, 'sluice')
const identity = ['-c', 'user.name=a', '-c', 'user.email=a@localhost']
const git = (...args: string[]) =>
  execFileSync('git', [...identity, ...args], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
const release = (...args: string[]) =>
  execa(process.execPath, [join(source, 'scripts/release.ts'), ...args], { cwd: source, reject: false })
const usual = ['v0.1.0', '--repository', 'acme/sluice']
let main = ''
let commit = ''

/** This repository as it lies here, as the main branch of a clone, with its packages. */
beforeAll(async () => {
  await installTools()
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: home })
  for (const path of new Set(listed.toString().split('\0'))) {
    if (path === '' || !existsSync(join(home, path))) continue
    mkdirSync(dirname(join(source, path)), { recursive: true })
    cpSync(join(home, path), join(source, path))
  }
  symlinkSync(join(home, 'node_modules'), join(source, 'node_modules'))
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'sluice')
  main = git('rev-parse', 'HEAD')
  const made = await release(...usual)
  expect(made.exitCode, made.stderr).toBe(0)
  commit = made.stdout
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a release is two commits on main, which stays: built actions, then workflows that use them by commit', () => {
  expect(git('rev-parse', 'main')).toBe(main)
  expect(git('status', '--porcelain')).toBe('')
  expect(git('rev-parse', 'release/v0.1.0')).toBe(commit)
  const actions = git('rev-parse', `${commit}~1`)
  expect(git('rev-parse', `${actions}~1`)).toBe(main)
  expect(git('diff', '--name-status', main, actions).split('\n').sort()).toEqual(
    bundledActions().flatMap((name) => ['licenses.txt', 'main.mjs'].map((file) => `A\tdist/${name}/${file}`)),
  )
  const licenses = git('show', `${actions}:dist/report/licenses.txt`)
  for (const name of ['@actions/core', 'ajv', 'yaml']) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d.*\n\n(?:.*\n)*?.*(?:MIT|Permission to)`, 'm'))
  }
  for (const file of readdirSync(join(home, '.github/workflows'))) {
    const text = git('show', `${commit}:.github/workflows/${file}`)
    const before = contextOf(file, readFileSync(join(home, '.github/workflows', file), 'utf8')).workflow
    const wanted = JSON.parse(JSON.stringify(before)) as typeof before
    for (const job of Object.values(wanted.jobs)) {
      job.steps = (job.steps ?? [])
        .filter((step) => !String(step.if ?? '').startsWith("hashFiles('actions/"))
        .map(
          (step): Step =>
            step.uses?.startsWith('./') ? { ...step, uses: `acme/sluice/${step.uses.slice(2)}@${actions}` } : step,
        )
    }
    expect(parse(text)).toEqual(wanted)
    const ofOthers = problemsOf(contextOf(file, text.replaceAll(/acme\/sluice\/(\S+)@\w{40} # v0\.1\.0/g, './$1')))
    expect(ofOthers, file).toEqual([])
  }
})

test('the same source gives the same commits, and another release of that version is refused', async () => {
  git('branch', '-D', 'release/v0.1.0')
  expect((await release(...usual)).stdout).toBe(commit)
  const other = await release('v0.1.0', '--repository', 'acme/other')
  expect(other.exitCode).toBe(2)
  expect(other.stderr).toContain(`release/v0.1.0 holds another release, ${commit}`)
}, 240_000)

test('a changed work tree, another branch, a version that is not the package’s, and a tag that exists are refused', async () => {
  const refused = async (says: string, ...args: string[]) => {
    const { exitCode, stderr, stdout } = await release(...args)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  }
  await refused('is no version', '0.1.0')
  await refused('is no repository', 'v0.1.0')
  await refused('package.json says 0.1.0', 'v0.2.0', '--repository', 'acme/sluice')
  git('tag', 'v0.1.0')
  await refused('the tag v0.1.0 exists here', ...usual)
  git('clone', '--quiet', '--bare', source, join(folder, 'origin'))
  git('tag', '-d', 'v0.1.0')
  git('remote', 'add', 'origin', join(folder, 'origin'))
  await refused('the tag v0.1.0 exists at origin', ...usual)
  git('remote', 'remove', 'origin')
  writeFileSync(join(source, 'more.txt'), 'more')
  await refused('?? more.txt', ...usual)
  rmSync(join(source, 'more.txt'))
  git('switch', '--quiet', '--detach', 'release/v0.1.0')
  await refused('a release is made of main', ...usual)
  git('switch', '--quiet', 'main')
}, 240_000)

test('a bundle that needs a package beside it, and a workflow that still needs its own repository, are no release', async () => {
  const file = join(folder, 'needy.mjs')
  writeFileSync(file, "import 'sharp'\nconsole.log('::error::no input')\n")
  await expect(startAlone('needy', file)).rejects.toThrow('the built action needy does not start')
  const needy = 'jobs:\n  a:\n    uses: ./.github/workflows/other.yml\n'
  const pin = { repository: 'acme/sluice', commit, version: 'v0.1.0' }
  expect(() => releasedWorkflow(needy, pin)).toThrow('needs its own repository')
})

test('a repository that sluice init set up with the release has its proposals judged and reported by it, and obeys a command', async () => {
  const actions = git('rev-parse', `${commit}~1`)
  const checkouts = Object.fromEntries([commit, actions].map((sha) => [`acme/sluice@${sha}`, join(folder, sha)]))
  for (const sha of [commit, actions]) {
    git('worktree', 'add', '--quiet', '--detach', join(folder, sha), sha)
    linkPackages(join(folder, sha))
  }
  const setUp = async (repository: string) => {
    const args = ['init', '--sluice', `acme/sluice@${commit}`, '--owner', '@carol', '--data', 'data/site']
    await execa(process.execPath, [join(folder, commit, 'bin/sluice.mjs'), ...args], { cwd: repository })
  }
  await using world = await githubWorld({ setUp, local: checkouts, variables: {} })
  /** The newest check of each name. */
  const conclusions = async (sha: string) =>
    Object.fromEntries((await world.checks(sha)).map(({ name, conclusion }) => [name, conclusion]))
  const bad = () => world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n7 0.5 0.5 0.1 0.1\n')
  const head = await world.push('more', 'More data', bad)
  const number = await world.open('More data', 'more')
  expect(world.runs().toSorted()).toEqual([
    'Data set pull_request failure',
    'Promotion pull_request success',
    'Report workflow_run success',
    'Report workflow_run success',
  ])
  expect(world.local.done[0]?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  const promotion = { 'sluice / promotion': 'success' }
  expect(await conclusions(head)).toMatchObject({ 'sluice / data set': 'failure', ...promotion })
  expect((await world.comments(number))[0]?.body).toContain('`labels/train/new-0.txt:2`')

  const mended = await world.push('more', 'Mend', () => world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n'))
  await world.local.idle()
  expect(await conclusions(mended)).toMatchObject({ 'sluice / data set': 'success', ...promotion })
  await world.comment(number, '/sluice retry', 'carol')
  expect(world.runs().slice(9).toSorted()).toEqual([
    'Commands issue_comment success',
    'Data set workflow_dispatch success',
    'Promotion workflow_dispatch success',
    'Report workflow_run success',
    'Report workflow_run success',
  ])
  expect(await world.comments(number)).toHaveLength(1)
}, 600_000)

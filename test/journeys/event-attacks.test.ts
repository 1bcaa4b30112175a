import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { actionNames } from '../../scripts/build-actions.ts'
import { finishedRunEvent, judgedCommits, pathInput, positiveInput } from '../../src/adapters/actions.ts'
import { UsageError } from '../../src/core/errors.ts'
import { reportWorld } from './report-world.ts'

// What an event or an input of a run can be that GitHub, somebody hostile or an accident sends; the ids stand in
// docs/security-model.md.
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-events-'))
})
afterEach(() => {
  delete process.env.GITHUB_EVENT_NAME
  rmSync(folder, { recursive: true, force: true })
})

const sha = 'a'.repeat(40)
const nothing = { base: '', head: '', pullRequest: '' }
const event = (content: unknown) => {
  const file = join(folder, 'event.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const pull = { number: 7, head: { sha }, base: { sha: 'b'.repeat(40) } }
const commits = (change: object) => () => judgedCommits(nothing, event({ pull_request: { ...pull, ...change } }))
const openPolicy = { 'gates/dataset.yaml': 'name: dataset\nrules: {}\n', '.github/CODEOWNERS': '/gates/ @ada\n' }

/** A world whose proposal changes these files too, as committed with git. */
async function proposing(files: Record<string, string>, base: Record<string, string> = {}) {
  const world = await reportWorld({ logins: { ghu_ada: 'ada' }, people: { ada: 'admin' } })
  const commit = async (branch: string, all: Record<string, string>) => {
    await world.git.checkout(branch)
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(join(world.root, path, '..'), { recursive: true })
      world.write(path, content)
    }
    return (await world.git.commit('more', ['.'])) ?? world.git.resolve('HEAD')
  }
  const baseSha = await commit('main', base)
  const headSha = await commit('proposal', files)
  await world.git.checkout('main')
  const approve = (commit: string) =>
    world.raw('POST', '/pulls/1/reviews', { event: 'APPROVE', commit_id: commit }, 'ghu_ada')
  return { ...world, baseSha, headSha, approve }
}

test('EV01 an event that is missing, empty or no JSON names no run and no proposal', () => {
  for (const file of [join(folder, 'none'), event('')]) expect(() => finishedRunEvent(file)).toThrow(UsageError)
  expect(() => finishedRunEvent(event('{"workflow_run":'))).toThrow(/not JSON/)
  expect(() => judgedCommits(nothing, event('{'))).toThrow(/not JSON/)
  expect(() => finishedRunEvent(event('null'))).toThrow(/names no run/)
})

test('EV02 pull_request_target is refused, whatever the action reads', () => {
  process.env.GITHUB_EVENT_NAME = 'pull_request_target'
  const file = event({ pull_request: pull, workflow_run: { id: 1 } })
  expect(() => judgedCommits(nothing, file)).toThrow(/pull_request_target/)
  expect(() => finishedRunEvent(file)).toThrow(/pull_request_target/)
})

test('EV03 a push has no proposal: of the default branch it is told on its commit, of another one nowhere', async () => {
  expect(judgedCommits(nothing, event({ pull_request: null, ref: 'refs/heads/main' })).pullRequest).toBeNull()
  await using world = await reportWorld()
  const reported = await world.report('push', 'main', { headSha: world.first })
  expect(reported).toMatchObject({ conclusion: 'success', pullRequest: null })
  expect(await world.forge.checks(world.first)).toHaveLength(1)
  expect(await world.report('push', 'proposal')).toBeNull()
})

test('EV04 a fork that was deleted has no word: nothing is written for its run', async () => {
  await using world = await reportWorld()
  const run = world.start('pull_request', 'proposal', { headRepository: '' })
  expect(await world.told(run)).toBeNull()
  expect(await world.forge.checks(world.head)).toEqual([])
})

test('EV05 the same evidence is green from the repository and waits from a fork', async () => {
  await using world = await reportWorld()
  world.plain('update-ref', 'refs/forks/eve/proposal', world.head)
  await world.raw('PATCH', '/pulls/1', { state: 'closed' })
  await world.raw('POST', '/pulls', { title: 'Fork', head: 'eve:proposal', base: 'main' })
  const fork = await world.report('pull_request', 'proposal', { headRepository: 'eve/data' })
  expect(fork).toMatchObject({ conclusion: 'action_required', pullRequest: 2 })
  await world.raw('PATCH', '/pulls/1', { state: 'open' })
  expect(await world.report('pull_request', 'proposal')).toMatchObject({ conclusion: 'success', pullRequest: 1 })
})

test('EV06 a number that is text, negative, no integer or too large is refused', () => {
  for (const number of ['7', -1, 0, 1.5, 2 ** 53, null, [7]]) expect(commits({ number })).toThrow(UsageError)
  for (const id of ['1', -1, 2 ** 53, {}])
    expect(() => finishedRunEvent(event({ workflow_run: { id } }))).toThrow(UsageError)
})

test('EV07 a commit has 40 or 64 hexadecimal digits', () => {
  for (const bad of ['abc', 'A'.repeat(40), 'a'.repeat(41), `${sha}\n`, '--upload-pack=x', 'main', ['a']]) {
    expect(commits({ head: { sha: bad } }), String(bad)).toThrow(UsageError)
    expect(commits({ base: { sha: bad } }), String(bad)).toThrow(UsageError)
  }
  expect(commits({ head: { sha: 'a'.repeat(64) } })()).toMatchObject({ head: 'a'.repeat(64) })
})

test('EV08 a branch with shell in its name is a name, and the right proposal is found by it', async () => {
  await using world = await reportWorld()
  const name = `a$(touch$\{IFS}pwned)&state=closed#\`id\``
  await world.git.branch(name, 'proposal')
  await world.forge.openPullRequest({ title: 'x', body: '', head: name, base: 'main' })
  expect(await world.report('pull_request', name)).toMatchObject({ conclusion: 'success', pullRequest: 2 })
  expect(world.plain('status', '--porcelain')).toBe('')
})

test('EV09 a run of a commit that is no longer the proposal’s writes nothing', async () => {
  await using world = await proposing({ 'c.txt': 'three\n' })
  expect(await world.report('pull_request', 'proposal', { headSha: world.head })).toBeNull()
  const title = `Data set #1 at ${world.head}`
  expect(await world.report('workflow_dispatch', 'main', { headSha: world.baseSha, title })).toBeNull()
  expect(await world.forge.checks(world.head)).toEqual([])
})

test('EV10 a run that somebody else repeats counts as what it was, under its new attempt', async () => {
  await using world = await reportWorld()
  const fork = { headRepository: 'eve/data', attempt: 2, actor: 'ada' }
  world.plain('update-ref', 'refs/forks/eve/proposal', world.head)
  await world.raw('POST', '/pulls', { title: 'Fork', head: 'eve:proposal', base: 'main' })
  expect(await world.report('pull_request', 'proposal', fork)).toMatchObject({ conclusion: 'action_required' })
  const { body: comments } = await world.raw('GET', '/issues/2/comments')
  expect(comments[0].body).toMatch(/run=\d+\.2 /)
})

test('EV11 a run that was cancelled or skipped, that no proposal asked for, or from elsewhere, writes nothing green', async () => {
  await using world = await reportWorld()
  for (const conclusion of ['cancelled', 'skipped']) {
    expect(await world.report('pull_request', 'proposal', { conclusion })).toBeNull()
  }
  expect(await world.report('pull_request', 'proposal', { headRepository: 'eve/data' })).toBeNull()
  expect(await world.forge.checks(world.head)).toEqual([])
  expect(await world.report('schedule', 'main', { headSha: world.first })).toMatchObject({
    conclusion: 'action_required',
  })
})

test('EV12 an approval counts for the commit that was approved, and for no later one', async () => {
  await using world = await proposing({ 'gates/dataset.yaml': 'name: dataset\nrules: {}\n# more\n' }, openPolicy)
  const run = world.start('pull_request', 'proposal', { headSha: world.headSha, baseSha: world.baseSha })
  await world.approve(world.head)
  expect(await world.told(run)).toMatchObject({ conclusion: 'action_required' })
  await world.approve(world.headSha)
  expect(await world.told(run)).toMatchObject({ conclusion: 'success' })
})

test('EV13 a draft is judged like every proposal, a closed one not at all, a locked one gets its check', async () => {
  await using world = await reportWorld()
  await world.git.branch('draft', 'proposal')
  await world.raw('POST', '/pulls', { title: 'Draft', head: 'draft', base: 'main', draft: true })
  expect(await world.report('pull_request', 'draft')).toMatchObject({ conclusion: 'success', pullRequest: 2 })
  await world.raw('PUT', '/issues/1/lock', {})
  await expect(world.report('pull_request', 'proposal', { verdict: 'fail' })).rejects.toMatchObject({
    mend: expect.stringContaining('unlock the conversation'),
  })
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
  await world.raw('PATCH', '/pulls/1', { state: 'closed' })
  expect(await world.report('pull_request', 'proposal')).toBeNull()
})

test('EV14 labels are not read: whatever their names, an event says the same', () => {
  const labels = ['sluice:approved', '$(id)', '::set-output name=x::y', '__proto__'].map((name) => ({ name }))
  expect(commits({ labels })()).toEqual(commits({})())
})

test('EV15 no action has an input that is true or false: what a text might mean is never guessed', () => {
  for (const name of actionNames()) {
    const text = readFileSync(new URL(`../../actions/${name}/action.yml`, import.meta.url), 'utf8')
    expect(text, name).not.toMatch(/default: ['"]?(?:true|false|yes|no|on|off)['"]?$/im)
    const program = readFileSync(new URL(`../../actions/${name}/main.ts`, import.meta.url), 'utf8')
    expect(program, name).not.toContain('getBooleanInput')
  }
})

test('EV16 a number that an input gives is digits: no exponent, blank, sign or other base', () => {
  for (const text of ['1e3', ' 5', '5 ', '0x10', '+5', '-5', '', '٣', 'Infinity', '1_000', '0']) {
    expect(() => positiveInput('seeds', text), text).toThrow(UsageError)
    const asked = { base: '', head: sha, pullRequest: text }
    expect(() => judgedCommits(asked), text).toThrow(UsageError)
  }
  // No action reads a number in another way; a seed may be 0 and is not among these.
  for (const name of actionNames()) {
    const program = readFileSync(new URL(`../../actions/${name}/main.ts`, import.meta.url), 'utf8')
    expect(program.replace("Number(core.getInput('seed') || '0')", ''), name).not.toMatch(/(?:Number|parseInt)\(core\./)
    expect(program, name).not.toMatch(/(?<!pathInput\()core\.getInput\('path'/)
  }
  expect([positiveInput('hours', '1.5'), positiveInput('seeds', '20', 20)]).toEqual([1.5, 20])
})

test('EV17 a path that is absolute, leaves the repository or is a pattern is refused', () => {
  for (const text of ['/etc', '../x', 'data/../../x', 'C:\\x', 'data\\..\\x', 'data/*', 'da?a', 'data/[a]', 'a\nb']) {
    expect(() => pathInput(text), text).toThrow(UsageError)
  }
  expect(['data/site/', '.', 'größe/a b'].map(pathInput)).toEqual(['data/site', '.', 'größe/a b'])
})

test('EV18 one guarded file among 3,500 is seen: what changes is read from git, not from a list that ends', async () => {
  const many = Object.fromEntries(Array.from({ length: 3500 }, (_, i) => [`data/labels/${i}.txt`, `${i}\n`]))
  await using world = await proposing({ ...many, 'zz/action.yml': 'runs: {}\n' })
  const reported = await world.report('pull_request', 'proposal', { headSha: world.headSha, baseSha: world.baseSha })
  expect(reported).toMatchObject({ conclusion: 'action_required' })
  expect(reported?.title).toContain('zz/action.yml')
  expect(world.server.requests.filter((line) => /pulls\/\d+\/files/.test(line))).toEqual([])
})

test('EV19 a base that was written anew, without common history, turns nothing green', async () => {
  await using world = await reportWorld()
  const other = world.plain('commit-tree', `${world.first}^{tree}`, '-m', 'anew')
  world.plain('update-ref', 'refs/heads/main', other)
  const reported = await world.report('pull_request', 'proposal', { baseSha: other })
  expect(reported).toMatchObject({ conclusion: 'action_required' })
  expect(reported?.title).toContain('no common history')
})

test('EV20 a token that may not write leaves nothing half said, and the error names the permission', async () => {
  await using world = await reportWorld()
  world.job({ token: 'ghs_reads', permissions: {} })
  const run = world.start('pull_request', 'proposal')
  await expect(world.told(run, world.clientWith('ghs_reads'))).rejects.toMatchObject({
    name: 'ToolError',
    mend: expect.stringContaining('give the job the permission it needs'),
  })
  expect(await world.forge.checks(world.head)).toEqual([])
  expect((await world.raw('GET', '/issues/1/comments')).body).toEqual([])
})

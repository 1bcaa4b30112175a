import { execFileSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { createForge } from '../../src/adapters/github.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { installTools } from './act.ts'
import { datasetWorld } from './dataset-world.ts'

type Run = { id: number; name: string; conclusion: string; head_sha: string; output: { title: string } }
type Comment = { id: number; body: string; user: { login: string } }
type World = Awaited<ReturnType<typeof datasetWorld>>

beforeAll(installTools, 600_000)

const forgeOf = (world: World) =>
  createForge({ apiUrl: world.server.url, repository: 'acme/data', token: 'ghp_alice', pauseMs: 5 })
const checksOf = async ({ get }: World, sha: string) =>
  (await get<{ check_runs: Run[] }>(`/commits/${sha}/check-runs?filter=all`)).check_runs
const commentsOf = ({ get }: World, number: number) => get<Comment[]>(`/issues/${number}/comments`)
const approve = (world: World, number: number, token: string) =>
  fetch(`${world.server.url}/repos/acme/data/pulls/${number}/reviews`, {
    method: 'POST',
    headers: { authorization: `token ${token}` },
    body: JSON.stringify({ event: 'APPROVE' }),
  })

test('a proposal is judged by a run that only reads; one check and one comment follow, and a fix changes the same comment', async () => {
  await using world = await datasetWorld()
  const { git, server, get } = world
  await git.branch('more', 'main')
  await git.checkout('more')
  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.95 0.5 0.4 0.2\n7 0.5 0.5 0.1 0.1\n')
  const head = (await git.commit('More data', ['data'])) as string
  const { number } = await forgeOf(world).openPullRequest({ title: 'More data', body: '', head: 'more', base: 'main' })
  const requests = server.requests.length

  const first = await world.judge('more', number)
  expect(first.run.results, first.run.log).toEqual({ judge: 'failure' })
  expect(first.run.outputs.verdict).toBe('fail')
  expect(first.report.results, first.report.log).toEqual({ report: 'success' })
  const [run] = await checksOf(world, head)
  expect(run).toMatchObject({ name: 'sluice / data set', conclusion: 'failure', head_sha: head })
  const annotations = await get<object[]>(`/check-runs/${run?.id}/annotations?per_page=100`)
  expect(annotations).toContainEqual(
    expect.objectContaining({ path: 'data/site/labels/train/new-0.txt', start_line: 3, annotation_level: 'failure' }),
  )
  const [comment] = await commentsOf(world, number)
  expect(comment?.body).toMatch(
    /^<!-- sluice:pull-request run=\d+\.1 -->\n\*\*To do: mend \d+ new errors? listed below/,
  )
  expect(comment?.body).toContain('`labels/train/new-0.txt:3`')
  expect(comment?.user.login).toBe('github-actions[bot]')
  expect(server.requests.length - requests).toBeLessThanOrEqual(25)

  // The same report again writes nothing.
  const writes = () => server.requests.filter((line) => !line.startsWith('GET')).length
  const before = writes()
  expect((await world.report()).results).toEqual({ report: 'success' })
  expect(writes()).toBe(before)

  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.5 0.5 0.2 0.2\n')
  const mended = (await git.commit('Mend the labels', ['data'])) as string
  const last = await world.judge('more', number)
  expect(last.run.results, last.run.log).toEqual({ judge: 'success' })
  const comments = await commentsOf(world, number)
  expect(comments).toHaveLength(1)
  expect(comments[0]?.id).toBe(comment?.id)
  expect(comments[0]?.body).toContain('Nothing to do: this may be merged.')
  expect((await checksOf(world, mended)).map((check) => check.conclusion)).toEqual(['success'])
}, 240_000)

test('a fork’s run is advisory; somebody who may write has the default branch run the same check, and only then it is green', async () => {
  await using world = await datasetWorld()
  const { git, repository } = world
  await git.branch('theirs', 'main')
  await git.checkout('theirs')
  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.5 0.5 0.2 0.2\n')
  const head = (await git.commit('More data from a fork', ['data'])) as string
  await git.checkout('main')
  execFileSync('git', ['update-ref', 'refs/forks/mallory/more', head], { cwd: repository })
  execFileSync('git', ['branch', '-D', 'theirs'], { cwd: repository, stdio: 'pipe' })
  const forge = createForge({ apiUrl: world.server.url, repository: 'acme/data', token: 'ghp_mallory', pauseMs: 5 })
  const { number } = await forge.openPullRequest({ title: 'Theirs', body: '', head: 'mallory:more', base: 'main' })

  const own = await world.judge('more', number, 'mallory')
  expect(own.run.results, own.run.log).toEqual({ judge: 'success' })
  expect(own.report.results, own.report.log).toEqual({ report: 'success' })
  expect((await checksOf(world, head)).map(({ conclusion }) => conclusion)).toEqual(['action_required'])
  expect((await commentsOf(world, number))[0]?.body).toContain('/sluice retry')

  const denied = await world.comment(number, '/sluice retry', 'ghp_mallory')
  expect(denied.results, denied.log).toEqual({ dispatch: 'failure' })
  expect(denied.summary).toContain('mallory may not give commands')

  const started = await world.comment(number, '/sluice retry', 'ghp_carol')
  expect(started.results, started.log).toEqual({ dispatch: 'success' })
  const again = await world.dispatched()
  expect(again.run.results, again.run.log).toEqual({ judge: 'success' })
  expect(again.report.results, again.report.log).toEqual({ report: 'success' })
  expect((await checksOf(world, head)).at(-1)?.conclusion ?? '').toBe('success')
  const said = (await commentsOf(world, number)).filter(({ user }) => user.login === 'github-actions[bot]')
  expect(said).toHaveLength(1)
  expect(said[0]?.body).toContain('Nothing to do: this may be merged.')
}, 240_000)

test('a proposal that changes its own policy is judged by the base’s, and what judges it is green only after a code owner', async () => {
  await using world = await datasetWorld()
  const { git } = world
  await git.branch('sly', 'main')
  await git.checkout('sly')
  world.write('gates/dataset.yaml', 'name: dataset\nrules:\n  label-class: { severity: off }\n')
  const harmless = (await git.commit('A policy that looks away', ['gates'])) as string
  const { number } = await forgeOf(world).openPullRequest({ title: 'Sly', body: '', head: 'sly', base: 'main' })
  await world.judge('sly', number)
  const [held] = await checksOf(world, harmless)
  expect(held).toMatchObject({
    conclusion: 'action_required',
    output: { title: expect.stringContaining('gates/dataset.yaml') },
  })

  expect((await approve(world, number, 'ghp_alice')).status).toBe(422)
  expect((await approve(world, number, 'ghp_carol')).status).toBe(200)
  await world.report()
  expect((await checksOf(world, harmless)).at(-1)?.conclusion).toBe('success')

  await world.image('train/new-0', '7 0.5 0.5 0.1 0.1\n')
  const harmful = (await git.commit('And data that it would let in', ['data'])) as string
  await world.judge('sly', number)
  expect((await checksOf(world, harmful)).map(({ conclusion }) => conclusion)).toEqual(['failure'])
}, 240_000)

test('forged evidence is a failed check that says why', async () => {
  await using world = await datasetWorld()
  const { git, server } = world
  await git.branch('forged', 'main')
  await git.checkout('forged')
  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n')
  const head = (await git.commit('More', ['data'])) as string
  const { number } = await forgeOf(world).openPullRequest({ title: 'Forged', body: '', head: 'forged', base: 'main' })
  const { id } = await world.judge('forged', number)
  const bytes = (text: string) => new TextEncoder().encode(text)
  for (const [files, says] of [
    [[{ path: 'run.json', bytes: bytes('{"kind":"PullRun"}') }], 'run.json'],
    [[{ path: 'evil.sh', bytes: bytes('rm -rf /') }], 'evil.sh'],
    [[], 'which run it is of'],
  ] as const) {
    server.runs.keepArtifact(id, 'sluice-evidence', writeZip([...files]))
    const report = await world.report()
    expect(report.results, report.log).toEqual({ report: 'success' })
    const newest = (await checksOf(world, head)).at(-1)
    expect(newest?.conclusion).toBe('failure')
    expect(newest?.output.title).toContain(says)
  }
}, 240_000)

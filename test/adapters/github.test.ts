import { expect, test } from 'vitest'
import { createForge } from '../../src/adapters/github.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import {
  annotations,
  assets,
  checkOf,
  type ForgeWorld,
  forgeWorld,
  release,
  request,
  tagged,
  unprotected,
  writes,
} from './forge-world.ts'

const comments = async (world: ForgeWorld) =>
  (await world.raw('GET', '/issues/1/comments?per_page=100')).body as {
    id: number
    body: string
    user: { login: string }
  }[]

test('opens a pull request once, finds it by its branch and merges it once', async () => {
  await using world = await forgeWorld()
  const { forge } = world
  const opened = await forge.openPullRequest(request)
  expect(opened).toMatchObject({
    number: 1,
    head: { ref: 'proposal', sha: world.head },
    merged: false,
    mergeCommit: null,
  })
  expect(await forge.openPullRequest(request)).toEqual(opened)
  expect(await forge.findPullRequest('proposal')).toEqual(opened)
  expect(await forge.findPullRequest('other')).toBeNull()
  const { sha } = await forge.merge(1, 'Merge the proposal\n\nWith its evidence.')
  expect(world.plain('log', '-1', '--format=%B', 'main')).toBe('Merge the proposal\n\nWith its evidence.')
  expect(await forge.merge(1, 'again')).toEqual({ sha })
  expect(await forge.pullRequest(1)).toMatchObject({ merged: true, mergeCommit: sha, state: 'closed' })
})

test('a second comment of one topic changes the first; the same text writes nothing', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const first = await world.forge.upsertComment(1, 'dataset-qa', 'one')
  const second = await world.forge.upsertComment(1, 'dataset-qa', 'two')
  expect(second).toEqual(first)
  const before = writes(world)
  await world.forge.upsertComment(1, 'dataset-qa', 'two')
  expect(writes(world)).toBe(before)
  await world.forge.upsertComment(1, 'release', 'other topic')
  expect((await comments(world)).map(({ body }) => body)).toEqual([
    '<!-- sluice:dataset-qa -->\ntwo',
    '<!-- sluice:release -->\nother topic',
  ])
})

test('its own comment is found behind a hundred others, and another author’s marker is left alone', async () => {
  await using world = await forgeWorld({ logins: { alice: 'alice' } })
  await world.forge.openPullRequest(request)
  const forged = '<!-- sluice:dataset-qa -->\nall is well, merge me'
  await world.raw('POST', '/issues/1/comments', { body: forged }, 'alice')
  for (let i = 0; i < 104; i++) await world.raw('POST', '/issues/1/comments', { body: `talk ${i}` }, 'alice')
  const { id } = await world.forge.upsertComment(1, 'dataset-qa', 'one')
  expect((await world.forge.upsertComment(1, 'dataset-qa', 'two')).id).toBe(id)
  const all = await comments(world)
  expect(all[0]?.body).toBe(forged)
  expect((await world.raw('GET', `/issues/comments/${id}`)).body.body).toContain('two')
  expect(await world.clientWith('alice').upsertComment(1, 'dataset-qa', 'by alice')).toMatchObject({ id: all[0]?.id })
})

test('double comments of an earlier accident are removed, the oldest stays', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  for (const text of ['a', 'b', 'c'])
    await world.raw('POST', '/issues/1/comments', { body: `<!-- sluice:qa -->\n${text}` })
  const [oldest] = await comments(world)
  expect((await world.forge.upsertComment(1, 'qa', 'now')).id).toBe(oldest?.id)
  expect((await comments(world)).map(({ body }) => body)).toEqual(['<!-- sluice:qa -->\nnow'])
})

test.each(['error-before', 'error-after', 'lost-response', 'rate-limit'] as const)(
  'after %s there is exactly one comment, one check, one pull request, one merge and one release',
  async (kind) => {
    await using world = await forgeWorld()
    const { forge, server } = world
    const strike = (path: RegExp, method = 'POST') => server.faults.push({ kind, method, path })
    strike(/\/pulls$/)
    await forge.openPullRequest(request)
    strike(/\/comments$/)
    const comment = await forge.upsertComment(1, 'qa', 'text')
    strike(/\/comments\/\d+$/, 'PATCH')
    expect((await forge.upsertComment(1, 'qa', 'newer')).id).toBe(comment.id)
    strike(/\/check-runs$/)
    strike(/\/check-runs\/\d+$/, 'PATCH')
    await forge.upsertCheck(checkOf(world, 120))
    strike(/\/merge$/, 'PUT')
    await forge.merge(1, 'Merge')
    strike(/\/git\/tags$/)
    strike(/\/git\/refs$/)
    await forge.createTag({ ...tagged, sha: world.first })
    strike(/\/releases$/)
    strike(/\/releases\/\d+\/assets$/)
    strike(/\/releases\/\d+$/, 'PATCH')
    await forge.createRelease({ ...release, assets })
    expect(server.faults.filter((fault) => fault.times !== 0)).toEqual([])

    expect((await world.raw('GET', '/pulls?state=all')).body).toHaveLength(1)
    expect((await comments(world)).map(({ body }) => body)).toEqual(['<!-- sluice:qa -->\nnewer'])
    const runs = (await world.raw('GET', `/commits/${world.head}/check-runs?filter=all`)).body.check_runs
    expect(runs).toHaveLength(1)
    expect(runs[0].output.annotations_count).toBe(120)
    expect(world.plain('rev-list', '--count', '--merges', 'main')).toBe('1')
    expect(world.plain('cat-file', '-t', 'model@v1.0.0')).toBe('tag')
    const releases = (await world.raw('GET', '/releases')).body
    expect(releases).toMatchObject([{ draft: false, assets: [{ name: 'model.onnx' }, { name: 'model.json' }] }])
  },
)

test('a check with 120 annotations is complete only with the last of them, and is not repeated', async () => {
  await using world = await forgeWorld()
  world.server.faults.push({ kind: 'error-before', method: 'PATCH', times: 99 })
  await expect(world.forge.upsertCheck(checkOf(world, 120))).rejects.toBeInstanceOf(ToolError)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: null }])
  world.server.faults.length = 0
  const { id } = await world.forge.upsertCheck(checkOf(world, 120))
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
  const rows = [1, 2].map((page) => world.raw('GET', `/check-runs/${id}/annotations?per_page=100&page=${page}`))
  const messages = (await Promise.all(rows)).flatMap(({ body }) => body.map((row: { message: string }) => row.message))
  expect(messages).toEqual(annotations(120).map(({ message }) => message))
  const before = writes(world)
  expect((await world.forge.upsertCheck(checkOf(world, 120))).id).toBe(id)
  expect(writes(world)).toBe(before)
})

test('a new verdict on the same findings changes the check; other findings begin a new one that counts', async () => {
  await using world = await forgeWorld()
  const first = await world.forge.upsertCheck(checkOf(world, 2))
  const waived = await world.forge.upsertCheck({ ...checkOf(world, 2), conclusion: 'success', title: 'waived' })
  expect(waived.id).toBe(first.id)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'success' }])
  const other = await world.forge.upsertCheck(checkOf(world, 1, 'other'))
  expect(other.id).not.toBe(first.id)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
})

test('a merge is refused while a required check is missing, running, held or failing, and says which', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const contexts = ['sluice / data set', 'build']
  const required = { required_status_checks: { strict: false, contexts }, ...unprotected }
  await world.raw('PUT', '/branches/main/protection', required)
  const message = () => world.forge.merge(1, 'x').then(String, (error: ToolError) => error.message)
  expect(await message()).toContain('"sluice / data set" has not reported')
  await world.raw('POST', '/check-runs', { name: 'sluice / data set', head_sha: world.head, status: 'in_progress' })
  expect(await message()).toContain('is still running')
  await world.forge.upsertCheck({ ...checkOf(world, 0), conclusion: 'action_required' })
  expect(await message()).toContain('is action_required')
  await world.forge.upsertCheck({ ...checkOf(world, 0), conclusion: 'success' })
  expect(await message()).toContain('"build" has not reported')
  await world.raw('POST', `/statuses/${world.head}`, { state: 'failure', context: 'build' })
  expect(await message()).toContain('"build" is failure')
  expect(world.server.requests.some((line) => line.startsWith('PUT') && line.endsWith('/merge'))).toBe(false)
  await world.raw('POST', `/statuses/${world.head}`, { state: 'success', context: 'build' })
  expect((await world.forge.merge(1, 'x')).sha).toMatch(/^[0-9a-f]{40}$/)
})

test('a token that may only read is told so, and nothing is tried twice', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  world.server.faults.push({ kind: 'read-only', times: 99 })
  const before = writes(world)
  const error = await world.forge.upsertComment(1, 'qa', 'x').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ToolError)
  expect((error as ToolError).mend).toContain('permission')
  expect(writes(world)).toBe(before + 1)
})

test('a limit that lasts longer than we wait is an error that says so', async () => {
  await using world = await forgeWorld()
  world.server.faults.push({ kind: 'rate-limit', times: 99 })
  const hasty = world.clientWith('ghs_test', { longestWaitMs: 500 })
  await expect(hasty.pullRequest(1)).rejects.toThrow(/rate limit/)
})

test('a text longer than GitHub takes is cut at a line and its folds are closed', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const { id } = await world.forge.upsertComment(
    1,
    'qa',
    `head\n<details>\n${'row of findings\n'.repeat(9000)}</details>`,
  )
  const { body } = (await world.raw('GET', `/issues/comments/${id}`)).body as { body: string }
  expect(body.length).toBeLessThan(60_200)
  expect(body).toMatch(/<\/details>\n\n\*The rest was cut/)
})

test('an earlier run never speaks over the check of a later one', async () => {
  await using world = await forgeWorld()
  const say = (conclusion: 'success' | 'failure', run: number, count = 0) =>
    world.forge.upsertCheck({ ...checkOf(world, count), conclusion, order: { run, attempt: 1 } })
  await say('success', 5)
  await say('success', 7)
  await say('failure', 6, 3)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'success' }])
  await say('failure', 8, 3)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
})

test('a wrong repository, an empty token and an odd topic are usage errors', async () => {
  await using world = await forgeWorld()
  expect(() => createForge({ repository: 'data', token: 't' })).toThrow(UsageError)
  expect(() => createForge({ repository: 'acme/data', token: '' })).toThrow(UsageError)
  await expect(world.forge.upsertComment(1, 'a -->', 'x')).rejects.toBeInstanceOf(UsageError)
  await expect(world.forge.pullRequest(99)).rejects.toThrow(/could not read pull request #99: Not Found/)
})

test('a job’s token writes what its job may, and what it causes is told as a workflow’s', async () => {
  await using world = await forgeWorld()
  world.job({ token: 'ghs_report', permissions: { 'pull-requests': 'write' } })
  const forge = world.clientWith('ghs_report')
  await forge.openPullRequest(request)
  await expect(forge.upsertCheck(checkOf(world, 0))).rejects.toThrow(/not accessible/)
  expect(world.events.map(({ name, byWorkflow }) => [name, byWorkflow])).toEqual([['pull_request', true]])
})

test('reviews, permissions, runs and their artefacts are read as the forge keeps them', async () => {
  const people = { ada: 'write', bob: 'read' }
  await using world = await forgeWorld({ logins: { ada: 'ada' }, people })
  const { forge, head } = world
  await forge.openPullRequest(request)
  await world.raw('POST', '/pulls/1/reviews', { event: 'APPROVE' }, 'ada')
  expect(await forge.reviews(1)).toMatchObject([{ user: 'ada', state: 'APPROVED', commit: head }])
  expect(await Promise.all(['ada', 'bob', 'eve'].map(forge.mayWrite))).toEqual([true, false, false])
  expect((await forge.pullRequestsFrom('acme', 'proposal')).map(({ number }) => number)).toEqual([1])
  expect(await forge.pullRequestsFrom('eve', 'proposal')).toEqual([])

  const of = { workflow: 'data.yml', name: 'Data set', title: 'Add b', event: 'pull_request', actor: 'ada' }
  const at = { headSha: head, headBranch: 'proposal', headRepository: 'acme/data', attempt: 1 }
  const run = world.server.runs.start({ ...of, ...at })
  world.server.runs.keepArtifact(run.id, 'sluice-evidence', new Uint8Array([80, 75, 5, 6]))
  world.server.runs.end(run.id, 'success')
  expect(await forge.run(run.id)).toMatchObject({ id: run.id, conclusion: 'success', headSha: head })
  expect(await forge.runs('data.yml', { headSha: head })).toMatchObject([{ id: run.id, title: 'Add b' }])
  expect(await forge.artifact(run.id, 'sluice-evidence', 100)).toEqual(new Uint8Array([80, 75, 5, 6]))
  expect(await forge.artifact(run.id, 'other', 100)).toBeNull()
  await expect(forge.artifact(run.id, 'sluice-evidence', 3)).rejects.toThrow(/more than 3/)
  const zip = new Uint8Array([80, 75, 5, 6])
  const lists = () => world.server.requests.filter((line) => /\/artifacts\?/.test(line)).length
  const before = lists()
  expect(await forge.artifacts(run.id, ['sluice-evidence', 'other'], 100)).toEqual([zip, null])
  expect(lists()).toBe(before + 1)
  // More than one answer holds: each is asked for by its name.
  for (let i = 0; i < 100; i++) world.server.runs.keepArtifact(run.id, `arm-${i}`, zip)
  expect(await forge.artifacts(run.id, ['sluice-evidence', 'other', 'arm-0'], 100)).toEqual([zip, null, zip])
})

test('a comment of an earlier run never overwrites that of a later one, in whatever order they come', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const say = (text: string, run: number, attempt = 1) =>
    world.forge.upsertComment(1, 'pull-request', text, { run, attempt })
  for (const [text, run, attempt] of [
    ['b', 7, 1],
    ['a', 6, 9],
    ['c', 7, 2],
    ['late', 7, 1],
    ['d', 10, 1],
    ['e', 9, 1],
  ] as const)
    await say(text, run, attempt)
  expect((await comments(world)).map(({ body }) => body)).toEqual(['<!-- sluice:pull-request run=10.1 -->\nd'])
})

import { expect, test } from 'vitest'
import { assets, checkOf, type ForgeWorld, forgeWorld, release, request, tagged, writes } from './forge-world.ts'

const comment = (world: ForgeWorld, body: string, token?: string) =>
  world.raw('POST', '/issues/1/comments', { body }, token)
const comments = async (world: ForgeWorld) =>
  ((await world.raw('GET', '/issues/1/comments?per_page=100')).body as { body: string }[]).map(({ body }) => body)
const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }
const output = (count: number, summary = 's') => ({
  title: 't',
  summary,
  annotations: Array.from({ length: count }, () => annotation),
})

test('a comment has 65,536 characters at most, new or changed', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const made = await comment(world, 'x'.repeat(65_536))
  expect(made.status).toBe(201)
  const long = 'x'.repeat(65_537)
  for (const refused of [
    await comment(world, long),
    await world.raw('PATCH', `/issues/comments/${made.body.id}`, { body: long }),
  ]) {
    expect(refused.status).toBe(422)
    expect(refused.body.errors[0].message).toBe('body is too long (maximum is 65536 characters)')
  }
  expect((await comments(world)).map((body) => body.length)).toEqual([65_536])
})

test('a request carries 50 annotations at most, and one that carries more adds none', async () => {
  await using world = await forgeWorld()
  const about = { name: 'n', head_sha: world.head }
  expect((await world.raw('POST', '/check-runs', { ...about, output: output(51) })).status).toBe(422)
  const made = await world.raw('POST', '/check-runs', { ...about, output: output(50) })
  expect([made.status, made.body.output.annotations_count]).toEqual([201, 50])
  const change = (count: number, summary?: string) =>
    world.raw('PATCH', `/check-runs/${made.body.id}`, { output: output(count, summary) })
  const refused = await change(51)
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('No more than 50 items')])
  expect((await change(50)).body.output.annotations_count).toBe(100)
  expect((await change(0, 'x'.repeat(65_536))).status).toBe(422)
  expect((await change(0, 'x'.repeat(65_535))).status).toBe(200)
})

test('what is there already is refused with 422 and made once', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  await world.forge.createTag({ ...tagged, sha: world.first })
  const { id } = await world.forge.createRelease({ ...release, assets })
  const draft = (await world.raw('POST', '/releases', { tag_name: 'model@v1.0.0', draft: true })).body
  const upload = (name: string) =>
    fetch(`${world.server.url}/repos/acme/data/releases/${draft.id}/assets?name=${name}`, {
      method: 'POST',
      headers: { authorization: 'token ghs_test', 'content-type': 'text/plain' },
      body: 'text',
    })
  expect((await upload('a.txt')).status).toBe(201)
  const again = await upload('a.txt')
  const object = { ref: 'refs/tags/model@v1.0.0', sha: world.first }
  const refused = [
    { status: again.status, body: await again.json() },
    await world.raw('POST', '/pulls', request),
    await world.raw('POST', '/git/refs', object),
    await world.raw('POST', '/releases', { tag_name: 'model@v1.0.0' }),
    await world.raw('PATCH', `/releases/${draft.id}`, { draft: false }),
  ]
  expect(refused.map(({ status, body }) => [status, /already.exists/i.test(JSON.stringify(body))])).toEqual(
    refused.map(() => [422, true]),
  )
  expect((await world.raw('GET', '/pulls?state=all')).body).toHaveLength(1)
  expect((await world.raw('GET', '/releases/tags/model@v1.0.0')).body.id).toBe(id)
  expect((await world.raw('GET', `/releases/${draft.id}/assets`)).body).toHaveLength(1)
})

test('the token of a fork reads everything and writes nothing', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const check = await world.forge.upsertCheck(checkOf(world, 1))
  const { id } = await world.forge.upsertComment(1, 'qa', 'text')
  world.job({ token: 'ghs_fork', permissions: { contents: 'read', 'pull-requests': 'read', checks: 'read' } })
  const refs = world.plain('for-each-ref')
  const calls = [
    ['POST', '/issues/1/comments', { body: 'x' }],
    ['PATCH', `/issues/comments/${id}`, { body: 'x' }],
    ['DELETE', `/issues/comments/${id}`],
    ['POST', '/check-runs', { name: 'n', head_sha: world.head }],
    ['PATCH', `/check-runs/${check.id}`, { conclusion: 'success' }],
    ['POST', `/statuses/${world.head}`, { state: 'success' }],
    ['POST', '/pulls', { ...request, head: 'main', base: 'proposal' }],
    ['PATCH', '/pulls/1', { state: 'closed' }],
    ['PUT', '/pulls/1/merge', {}],
    ['POST', '/pulls/1/reviews', { event: 'APPROVE' }],
    ['POST', '/git/refs', { ref: 'refs/heads/new', sha: world.head }],
    ['PATCH', '/git/refs/heads/main', { sha: world.head }],
    ['POST', '/git/blobs', { content: 'x' }],
    ['POST', '/releases', { tag_name: 'v1' }],
    ['POST', '/actions/workflows/train.yml/dispatches', { ref: 'main' }],
    ['PUT', '/branches/main/protection', { required_status_checks: null }],
  ] as const
  for (const [method, path, body] of calls) {
    const refused = await world.raw(method, path, body, 'ghs_fork')
    expect([path, refused.status, refused.body.message]).toEqual([path, 403, 'Resource not accessible by integration'])
  }
  expect(world.plain('for-each-ref')).toBe(refs)
  expect(await comments(world)).toHaveLength(1)
  expect((await world.raw('GET', '/pulls/1', undefined, 'ghs_fork')).body.state).toBe('open')
  const fork = world.clientWith('ghs_fork')
  expect(await fork.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
})

test.each([
  ['rate-limit', 403],
  ['too-many', 429],
] as const)('%s does nothing, answers %d with the seconds to wait, and is obeyed', async (kind, status) => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  world.server.faults.push({ kind, method: 'POST', path: /\/comments$/, seconds: 7, times: 2 })
  const refused = await comment(world, 'text')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([status, '7'])
  expect(await comments(world)).toEqual([])
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  await world.clientWith('ghs_test', { sleep }).upsertComment(1, 'qa', 'text')
  expect(waits).toEqual([7000])
  expect(await comments(world)).toHaveLength(1)
})

test('502 before leaves nothing, 502 after a commit and a lost answer leave what was done', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const strike = (kind: 'error-before' | 'error-after' | 'lost-response') =>
    world.server.faults.push({ kind, method: 'POST', path: /\/comments$/ })
  strike('error-before')
  expect((await comment(world, 'before')).status).toBe(502)
  expect(await comments(world)).toEqual([])
  strike('error-after')
  const response = await fetch(`${world.server.url}/repos/acme/data/issues/1/comments`, {
    method: 'POST',
    headers: { authorization: 'token ghs_test' },
    body: JSON.stringify({ body: 'after' }),
  })
  expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('502 Bad Gateway')])
  expect(await comments(world)).toEqual(['after'])
  strike('lost-response')
  await expect(comment(world, 'lost')).rejects.toThrow(/fetch failed/)
  expect(await comments(world)).toEqual(['after', 'lost'])
})

test('a fault strikes the method and path it names, as often as it says, and no more', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  world.server.faults.push({ kind: 'error-before', method: 'PATCH', path: /comments/, times: 2 })
  const { id } = (await comment(world, 'text')).body
  const change = () => world.raw('PATCH', `/issues/comments/${id}`, { body: 'new' })
  expect([(await change()).status, (await change()).status, (await change()).status]).toEqual([502, 502, 200])
})

test('whoever reads lists reads every page, however small the pages are', async () => {
  await using world = await forgeWorld({ logins: { ada: 'ada' }, people: { ada: 'write' } })
  const { forge, server, head } = world
  await forge.openPullRequest(request)
  for (const text of ['a', 'b', 'c']) await comment(world, text)
  await forge.upsertComment(1, 'qa', 'text')
  for (let i = 0; i < 3; i++) await world.raw('POST', '/pulls/1/reviews', { event: 'COMMENT', body: `${i}` }, 'ada')
  for (let i = 0; i < 3; i++) await world.raw('POST', '/check-runs', { name: `n${i}`, head_sha: head })
  const of = { workflow: 'train.yml', name: 'Train', title: 't', event: 'push', actor: 'ada', attempt: 1 }
  for (let i = 0; i < 5; i++)
    server.runs.start({ ...of, headSha: head, headBranch: 'main', headRepository: 'acme/data' })
  await forge.createTag({ ...tagged, sha: world.first })
  await forge.createRelease({ ...release, assets })

  const read = async () => ({
    checks: await forge.checks(head),
    reviews: await forge.reviews(1),
    pulls: await forge.pullRequestsFrom('acme', 'proposal'),
    runs: await forge.runs('train.yml'),
    back: await forge.runs('train.yml', { backTo: '2026-01-01T00:00:00Z' }),
  })
  const whole = await read()
  expect([whole.checks.length, whole.reviews.length, whole.runs.length, whole.back.length]).toEqual([3, 3, 5, 5])
  server.limits.perPage = 1
  expect((await world.raw('GET', '/issues/1/comments?per_page=100')).body).toHaveLength(1)
  expect(await read()).toEqual(whole)
  const before = writes(world)
  await forge.upsertComment(1, 'qa', 'text')
  await forge.createRelease({ ...release, assets })
  expect(writes(world)).toBe(before)
})

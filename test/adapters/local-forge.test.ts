import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { components } from '@octokit/openapi-types'
import { expect, test } from 'vitest'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { UsageError } from '../../src/core/errors.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { forgeWorld, unprotected } from './forge-world.ts'

const open = { title: 'Add b', body: 'More data', head: 'proposal', base: 'main' }

test('opens, shows, lists by head and refuses a second pull request of one branch', async () => {
  await using world = await forgeWorld()
  const made = await world.raw('POST', '/pulls', open)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    number: 1,
    state: 'open',
    merged: false,
    mergeable: true,
    mergeable_state: 'clean',
  })
  expect(made.body.head).toMatchObject({ label: 'acme:proposal', ref: 'proposal', sha: world.head })
  expect(made.body.base.sha).toBe(world.first)
  expect(made.body.html_url).toBe(`${world.server.url}/acme/data/pull/1`)
  const found = await world.raw('GET', '/pulls?head=acme:proposal&state=open')
  expect(found.body.map((pull: { number: number }) => pull.number)).toEqual([1])
  expect((await world.raw('GET', '/pulls?head=acme:other')).body).toEqual([])
  const again = await world.raw('POST', '/pulls', open)
  expect(again.status).toBe(422)
  expect(again.body.errors[0].message).toBe('A pull request already exists for acme:proposal.')
  expect((await world.raw('POST', '/pulls', { ...open, head: 'main' })).body.errors[0].message).toContain('No commits')
  expect((await world.raw('POST', '/pulls', { ...open, head: 'nowhere' })).status).toBe(422)
  expect((await world.raw('GET', '/pulls/9')).status).toBe(404)
  const files = (await world.raw('GET', '/pulls/1/files')).body as components['schemas']['diff-entry'][]
  expect(files.map(({ filename, status, additions }) => [filename, status, additions])).toEqual([['b.txt', 'added', 1]])
})

test('what is changed, closed and opened again is told, and what stays the same is not', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  await world.git.branch('other', 'main')
  const told = async (change: object) => {
    const from = world.events.length
    expect((await world.raw('PATCH', '/pulls/1', change)).status).toBe(200)
    return world.events.slice(from).map(({ payload }) => [payload.action, payload.changes])
  }
  expect(await told({ title: open.title, body: open.body })).toEqual([])
  expect(await told({ title: 'New', body: 'Less' })).toEqual([
    ['edited', { title: { from: 'Add b' }, body: { from: 'More data' } }],
  ])
  expect(await told({ base: 'other' })).toEqual([
    ['edited', { base: { ref: { from: 'main' }, sha: { from: world.first } } }],
  ])
  expect(await told({ state: 'closed' })).toEqual([['closed', undefined]])
  expect(await told({ state: 'open' })).toEqual([['reopened', undefined]])
})

test('merges in git without touching the checkout of another branch', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  world.write('uncommitted.txt', 'mine')
  const merged = await world.raw('PUT', '/pulls/1/merge', { sha: world.head, commit_title: 'Merge it' })
  expect(merged.status).toBe(200)
  expect(world.plain('rev-list', '--parents', '-1', 'main').split(' ')).toEqual([
    merged.body.sha,
    world.first,
    world.head,
  ])
  expect(world.plain('log', '-1', '--format=%s', 'main')).toBe('Merge it')
  expect(await world.git.currentBranch()).toBe('proposal')
  expect(world.plain('status', '--porcelain')).toBe('?? uncommitted.txt')
  expect((await world.raw('GET', '/pulls/1')).body).toMatchObject({
    merged: true,
    state: 'closed',
    merge_commit_sha: merged.body.sha,
  })
  expect((await world.raw('GET', '/pulls/1/merge')).status).toBe(204)
  expect((await world.raw('PUT', '/pulls/1/merge', {})).status).toBe(405)
})

test('a clean checkout of the merged branch follows; a changed one refuses the merge', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  await world.git.checkout('main')
  world.write('a.txt', 'changed by hand\n')
  const refused = await world.raw('PUT', '/pulls/1/merge', {})
  expect(refused.status).toBe(409)
  expect(world.plain('rev-parse', 'main')).toBe(world.first)
  expect(readFileSync(join(world.root, 'a.txt'), 'utf8')).toBe('changed by hand\n')
  world.plain('checkout', '--', 'a.txt')
  expect((await world.raw('PUT', '/pulls/1/merge', {})).status).toBe(200)
  expect(readFileSync(join(world.root, 'b.txt'), 'utf8')).toBe('two\n')
  expect(world.plain('status', '--porcelain')).toBe('')
})

test('a conflict, a moved head and an unmet required check refuse the merge', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  expect((await world.raw('PUT', '/pulls/1/merge', { sha: world.first })).status).toBe(409)
  await world.raw('PUT', '/branches/main/protection', {
    required_status_checks: { strict: false, contexts: ['sluice'] },
    ...unprotected,
  })
  expect((await world.raw('GET', '/branches/main/protection/required_status_checks')).body.contexts).toEqual(['sluice'])
  expect((await world.raw('PUT', '/pulls/1/merge', {})).body.message).toBe(
    'Required status check "sluice" is expected.',
  )
  const check = { name: 'sluice', head_sha: world.head, conclusion: 'action_required' }
  await world.raw('POST', '/check-runs', check)
  expect((await world.raw('PUT', '/pulls/1/merge', {})).status).toBe(405)
  expect((await world.raw('GET', '/pulls/1')).body.mergeable_state).toBe('blocked')
  await world.raw('DELETE', '/branches/main/protection')
  await world.git.checkout('main')
  world.write('b.txt', 'other\n')
  await world.git.commit('clash', ['b.txt'])
  expect((await world.raw('GET', '/pulls/1')).body.mergeable_state).toBe('dirty')
  expect((await world.raw('PUT', '/pulls/1/merge', {})).body.message).toBe('Pull Request is not mergeable')
})

test('a list has pages of 30 with a Link header that leads through all', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  for (let i = 0; i < 35; i++) await world.raw('POST', '/issues/1/comments', { body: `comment ${i}` })
  const page = await world.raw('GET', '/issues/1/comments')
  expect(page.body).toHaveLength(30)
  const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] as string
  const second = (await (await fetch(next)).json()) as { body: string }[]
  expect(second.map(({ body }) => body)).toEqual(['comment 30', 'comment 31', 'comment 32', 'comment 33', 'comment 34'])
  expect((await world.raw('GET', '/issues/1/comments?per_page=100')).headers.get('link')).toBeNull()
})

test('refuses what GitHub refuses', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  expect((await world.raw('POST', '/pulls', open, '')).status).toBe(401)
  expect((await world.raw('POST', '/issues/1/comments', { body: 'x'.repeat(65_537) })).status).toBe(422)
  expect((await world.raw('POST', '/issues/9/comments', { body: 'x' })).status).toBe(404)
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'm' }
  const output = { title: 't', summary: 's', annotations: Array.from({ length: 51 }, () => annotation) }
  const many = await world.raw('POST', '/check-runs', { name: 'n', head_sha: world.head, output })
  expect(many.status).toBe(422)
  expect(many.body.message).toContain('No more than 50 items')
  expect(
    (await world.raw('POST', '/check-runs', { name: 'n', head_sha: world.head, status: 'completed' })).status,
  ).toBe(422)
  expect((await world.raw('POST', '/check-runs', { name: 'n', head_sha: 'f'.repeat(40) })).status).toBe(422)
  expect((await fetch(`${world.server.url}/repos/acme/other`)).status).toBe(404)
  const broken = await fetch(`${world.server.url}/repos/acme/data/pulls`, {
    method: 'POST',
    headers: { authorization: 'token t' },
    body: '{"title":',
  })
  expect(broken.status).toBe(400)
})

test('tag objects and refs are real: git shows the annotated tag that the API made', async () => {
  await using world = await forgeWorld()
  const tagger = { name: 'sluice', email: 'sluice@localhost', date: '2026-11-22T10:00:00Z' }
  const tag = { tag: 'model#prod#1', message: '{"evidence":"abc"}', object: world.head, type: 'commit', tagger }
  const made = await world.raw('POST', '/git/tags', tag)
  expect(made.status).toBe(201)
  expect(await world.raw('POST', '/git/tags', tag)).toMatchObject({ body: { sha: made.body.sha } })
  const ref = { ref: 'refs/tags/model#prod#1', sha: made.body.sha }
  expect((await world.raw('POST', '/git/refs', ref)).status).toBe(201)
  expect((await world.raw('POST', '/git/refs', ref)).body.message).toBe('Reference already exists')
  expect(await world.git.tags('model#*')).toEqual([
    { name: 'model#prod#1', commit: world.head, message: tag.message, date: tagger.date },
  ])
  const read = await world.raw('GET', `/git/ref/tags/${encodeURIComponent('model#prod#1')}`)
  expect(read.body.object).toMatchObject({ type: 'tag', sha: made.body.sha })
  expect((await world.raw('POST', '/git/refs', { ...ref, ref: 'refs/tags/a..b' })).status).toBe(422)
})

test('a stopped forge goes on where it was', async () => {
  await using world = await forgeWorld()
  await world.raw('POST', '/pulls', open)
  await world.raw('POST', '/issues/1/comments', { body: 'kept' })
  await world.server.close()
  const { root, stateFile } = world
  const watch = watchForge()
  const again = await startLocalForge({ root, stateFile, repository: 'acme/data', watch })
  try {
    const comments = (await (await fetch(`${again.url}/repos/acme/data/issues/1/comments`)).json()) as {
      body: string
    }[]
    expect(comments.map(({ body }) => body)).toEqual(['kept'])
    expect(existsSync(stateFile)).toBe(true)
    const page = await (await fetch(`${again.url}/acme/data/pull/1`)).text()
    expect(page).toContain('#1 Add b (open)')
  } finally {
    await again.close()
    watch.verify()
  }
})

test('a port in use, a repository without owner and a foreign state file are usage errors', async () => {
  await using world = await forgeWorld()
  const { root, stateFile } = world
  const port = Number(new URL(world.server.url).port)
  const start = (more: object) =>
    startLocalForge({ root, stateFile, repository: 'acme/data', watch: watchForge(), ...more })
  await expect(start({ port })).rejects.toMatchObject({ name: 'UsageError', message: `port ${port} is in use` })
  await expect(start({ repository: 'data' })).rejects.toBeInstanceOf(UsageError)
  world.write('.git/forge.json', '{"version": 7}')
  await expect(start({})).rejects.toBeInstanceOf(UsageError)
})

test('answers only when it is asked by its own address', async () => {
  await using world = await forgeWorld()
  const { request } = await import('node:http')
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example' }
    request(`${world.server.url}/repos/acme/data`, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Exchange } from '../../src/adapters/local-forge/forge.ts'
import { checkOf, forgeWorld, request } from '../adapters/forge-world.ts'
import { type Watch, watchForge } from './watch-forge.ts'

const at = '/repos/acme/data'
const json = (value: unknown) => (value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value)))

/** What the watch says of one exchange. */
function saidOf(method: string, path: string, status: number, body: unknown, sent?: unknown): string[] {
  const watch = watchForge()
  const [pathname = '', query] = `${at}${path}`.split('?')
  const address = { method, path: pathname, query: new URLSearchParams(query) }
  const asked = { ...address, token: 't', contentType: null, accept: null, body: json(sent) }
  watch.exchange({ request: asked, reply: { status, ...(body === undefined ? {} : { body }) }, fault: null })
  return watch.problems
}

/** Every exchange and event of a forge that does a bit of everything. */
async function recorded() {
  const exchanges: Exchange[] = []
  const events: Parameters<Watch['event']>[0][] = []
  const watch = {
    exchange: (seen: Exchange) => void exchanges.push(seen),
    event: (told: (typeof events)[0]) => void events.push(told),
  }
  await using world = await forgeWorld({ watch })
  await world.forge.openPullRequest(request)
  await world.forge.upsertComment(1, 'qa', 'text')
  await world.forge.upsertCheck(checkOf(world, 3))
  await world.raw('GET', '/issues/1/comments')
  await world.raw('POST', '/pulls', { ...request })
  await world.forge.merge(1, 'Merge')
  await world.server.close()
  return { exchanges, events }
}

test('each field that GitHub requires is missed, each of a wrong type is seen and none may be added', async () => {
  const { exchanges } = await recorded()
  const bodies = exchanges.filter(({ reply }) => reply.status < 300 && typeof reply.body === 'object')
  let spoilt = 0
  for (const { request, reply } of bodies) {
    const say = (body: unknown) => {
      const watch = watchForge()
      watch.exchange({ request, reply: { ...reply, body }, fault: null })
      return watch.problems
    }
    expect(say(reply.body)).toEqual([])
    const whole = structuredClone(reply.body) as Record<string, unknown> | Record<string, unknown>[]
    const [target] = [whole].flat()
    if (!target) continue
    target.invented = 1
    expect(say(whole).join()).toContain('invented is no field of it')
    delete target.invented
    const key = ['id', 'sha', 'name', 'total_count'].find((name) => name in target) as string
    target[key] = [1]
    expect(say(whole).join(), `${request.method} ${request.path}`).toMatch(/must be (integer|string)/)
    delete target[key]
    expect(say(whole).join()).toContain(`must have required property '${key}'`)
    spoilt++
  }
  expect(spoilt).toBeGreaterThan(8)
})

test('an event is held to the payload of its name and action', async () => {
  const { events } = await recorded()
  expect(events.map(({ name, payload }) => [name, payload.action])).toEqual([
    ['pull_request', 'opened'],
    ['issue_comment', 'created'],
    ['push', undefined],
    ['pull_request', 'closed'],
  ])
  for (const event of events) {
    const say = (changes: object) => {
      const watch = watchForge()
      watch.event({ ...event, ...changes })
      return watch.problems.join()
    }
    expect(say({})).toBe('')
    expect(say({ payload: { ...event.payload, invented: 1 } })).toContain('/invented is no field of it')
    expect(say({ payload: { ...event.payload, repository: { id: 1 } } })).toContain("'full_name'")
    expect(say({ name: 'unheard_of' })).toContain('no such event')
  }
  const [opened] = events
  const watch = watchForge()
  watch.event({ ...opened, payload: { ...opened?.payload, action: 'exploded' } } as (typeof events)[0])
  expect(watch.problems).toEqual(['event pull_request.exploded: GitHub’s description has no such event'])
})

test('deep fields are looked at: in lists, in alternatives and behind references', () => {
  const user = { login: 'a', html_url: 'no address' }
  const [list] = [saidOf('GET', '/issues/1/comments', 200, [{ id: 1, user, nested: {} }])]
  expect(list.join('\n')).toContain('/*/user/html_url must match format "uri"')
  expect(list.join('\n')).toContain('/*/nested is no field of it')
  expect(saidOf('GET', '/git/ref/tags/a/b', 200, { ref: 'x', object: { kind: 1 } }).join('\n')).toContain(
    '/object/kind is no field of it',
  )
})

test('a call, a status, a body and an error that GitHub does not describe are wrong', () => {
  expect(saidOf('GET', '/nowhere', 404, { message: 'Not Found' })).toEqual([
    `GET ${at}/nowhere 404: GitHub’s description has no such call`,
  ])
  expect(saidOf('GET', '/pulls', 206, []).join()).toContain('no such status')
  expect(saidOf('DELETE', '/issues/comments/1', 204, {}).join()).toContain('a body, where GitHub sends none')
  expect(saidOf('GET', '/pulls/1', 404, {}).join()).toContain('an error without a message')
  expect(saidOf('GET', '/pulls/1', 404, { message: 'x', error: 'gone' }).join()).toContain('/error is no field of it')
  expect(saidOf('GET', '/pulls/1', 500, { message: 'local forge: undefined' }).join()).toContain('the forge broke')
  expect(
    saidOf('POST', '/pulls', 422, { message: 'x', documentation_url: 'y', errors: [{ field: 'z' }] }).join(),
  ).toContain("must have required property 'code'")
  expect(saidOf('POST', '/check-runs', 422, { message: 'x', documentation_url: 1 }).join()).toContain('must be string')
})

test('what is sent is held to the description too, where it was accepted', () => {
  const fine = { sha: 'a', merged: true, message: 'm' }
  const merge = (sent: object) => saidOf('PUT', '/pulls/1/merge', 200, fine, sent)
  expect(merge({ sha: 'a', merge_method: 'merge' })).toEqual([])
  expect(merge({ sha: 'a', method: 'merge' }).join()).toContain('/method is no field of it')
  expect(merge({ merge_method: 'octopus' }).join()).toContain('must be equal to one of the allowed values')
  expect(saidOf('GET', '/pulls?state=all&per_page=100', 200, [])).toEqual([])
  expect(saidOf('GET', '/pulls?status=all', 200, []).join()).toContain('?status is no parameter of it')
  expect(saidOf('GET', '/pulls?per_page=many', 200, []).join()).toContain('per_page=many')
  expect(saidOf('GET', '/pulls?state=some', 200, []).join()).toContain('state=some')
  expect(saidOf('GET', '/pulls', 200, [], { state: 'all' }).join()).toContain('a body, where GitHub reads none')
})

test('a watch that saw something wrong says so at the end of its test', async () => {
  const watch = watchForge()
  expect(() => watch.verify()).not.toThrow()
  const nothing = { token: null, contentType: null, accept: null, body: new Uint8Array(), query: new URLSearchParams() }
  watch.exchange({ request: { ...nothing, method: 'GET', path: '/nowhere' }, reply: { status: 200 }, fault: null })
  expect(() => watch.verify()).toThrow(/GET \/nowhere 200: GitHub’s description has no such call/)
})

test('every test that starts a forge watches it', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const files = ['test', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  const starters = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    .filter(({ text }) => /\b(startLocalForge|startLocalActions|forgeOf)\(/.test(text))
  expect(starters.length).toBeGreaterThanOrEqual(5)
  expect(starters.filter(({ text }) => !/\bwatchForge\(\)/.test(text)).map(({ file }) => file)).toEqual([])
})

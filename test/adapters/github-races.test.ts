import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { assets, checkOf, forgeWorld, release, request, tagged } from './forge-world.ts'

/** A client that lets something else happen once, just before its first request of this kind. */
function interrupted(world: Awaited<ReturnType<typeof forgeWorld>>, request: RegExp, happen: () => Promise<unknown>) {
  let left = 1
  const ask: typeof fetch = async (url, init) => {
    if (request.test(`${init?.method} ${new URL(String(url)).pathname}`) && left-- > 0) await happen()
    return fetch(url, init)
  }
  return world.clientWith('ghs_test', { fetch: ask })
}

test('an earlier run that reports while a later one does leaves what the later one said', async () => {
  await using world = await forgeWorld()
  const later = { ...checkOf(world, 60, 'later'), title: 'later', order: { run: 6, attempt: 1 } }
  const earlier = { ...checkOf(world, 3, 'earlier'), conclusion: 'success' as const, order: { run: 5, attempt: 1 } }
  await interrupted(world, /POST .*check-runs/, () => world.forge.upsertCheck(later)).upsertCheck(earlier)
  const { body } = await world.raw('GET', `/commits/${world.head}/check-runs`)
  expect(body.check_runs).toMatchObject([{ conclusion: 'failure', output: { title: 'later', annotations_count: 60 } }])
  const before = world.server.requests.length
  for (const check of [earlier, later]) await world.forge.upsertCheck(check)
  expect(world.server.requests.slice(before).filter((line) => !line.startsWith('GET'))).toEqual([])
})

test('a later run whose check an earlier one speaks over before it has ended says it once more', async () => {
  await using world = await forgeWorld()
  const later = { ...checkOf(world, 60, 'later'), title: 'later', order: { run: 6, attempt: 1 } }
  const earlier = { ...checkOf(world, 0), conclusion: 'success' as const, order: { run: 5, attempt: 1 } }
  // The earlier one has looked when the later one begins, and creates its check before that has ended.
  let end: Promise<unknown> = Promise.resolve()
  const begin = async () => {
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const from = world.server.requests.length
    end = interrupted(world, /PATCH .*check-runs/, () => held).upsertCheck(later)
    while (!world.server.requests.slice(from).some((line) => line.startsWith('POST'))) await sleep(5)
    setTimeout(go, 300)
  }
  await interrupted(world, /POST .*check-runs/, begin).upsertCheck(earlier)
  await end
  const { body } = await world.raw('GET', `/commits/${world.head}/check-runs`)
  expect(body.check_runs).toMatchObject([{ conclusion: 'failure', output: { title: 'later', annotations_count: 60 } }])
})

test('a comment that an earlier run changes while a later one does ends as the later one has it', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const say = (forge: typeof world.forge, run: number) =>
    forge.upsertComment(1, 'report', `of ${run}`, { run, attempt: 1 })
  await say(world.forge, 4)
  let later: Promise<unknown> = Promise.resolve()
  const overtake = async () => {
    const from = world.server.requests.length
    later = say(world.clientWith('ghs_test', { pauseMs: 150 }), 6)
    while (!world.server.requests.slice(from).some((line) => line.startsWith('PATCH'))) await sleep(5)
  }
  await say(interrupted(world, /PATCH .*comments/, overtake), 5)
  await later
  const [{ body }, ...more] = (await world.raw('GET', '/issues/1/comments')).body
  expect([body, more]).toEqual(['<!-- sluice:report run=6.1 -->\nof 6', []])
})

test('a draft that another run publishes beside leaves no draft behind, and nothing public is deleted', async () => {
  await using world = await forgeWorld()
  await world.forge.createTag({ ...tagged, sha: world.first })
  const publish = () => world.forge.createRelease({ ...release, assets })
  const done = await interrupted(world, /POST .*releases$/, publish).createRelease({ ...release, assets })
  expect((await world.raw('GET', '/releases')).body).toMatchObject([{ id: done.id, draft: false }])
  // A run that was cut off after it had made its draft.
  const [{ tag_name, body }] = (await world.raw('GET', '/releases')).body
  await world.raw('POST', '/releases', { tag_name, body, draft: true })
  await publish()
  expect((await world.raw('GET', '/releases')).body).toMatchObject([{ id: done.id, draft: false }])
})

test('what a list that is behind calls a double draft is not deleted: it may be public by now', async () => {
  await using world = await forgeWorld()
  await world.forge.createTag({ ...tagged, sha: world.first })
  world.server.faults.push({ kind: 'read-only', method: 'PATCH', path: /releases/ })
  await expect(world.forge.createRelease({ ...release, assets })).rejects.toThrow()
  const [whole] = (await world.raw('GET', '/releases')).body
  // The list still shows an older draft that is gone, and the whole one as it was before it was published.
  const gone = { ...whole, id: 0, upload_url: whole.upload_url.replace(`/${whole.id}/`, '/0/'), assets: [] }
  const shown = JSON.stringify([gone, whole])
  const type = { headers: { 'content-type': 'application/json' } }
  let published = false
  const behind: typeof fetch = async (url, init) => {
    const isList = init?.method === 'GET' && new URL(String(url)).pathname.endsWith('/releases')
    if (!isList) return fetch(url, init)
    if (!published) await world.raw('PATCH', `/releases/${whole.id}`, { draft: false })
    published = true
    return new Response(shown, type)
  }
  await world.clientWith('ghs_test', { fetch: behind }).createRelease({ ...release, assets })
  const left = (await world.raw('GET', '/releases')).body as { id: number; draft: boolean }[]
  expect(left.filter(({ draft }) => !draft)).toMatchObject([{ id: whole.id, assets: [{}, {}] }])
})

test('a change conflicts with what was merged after the commit that it was made from, and undoes nothing', async () => {
  await using world = await forgeWorld()
  const change = { prefix: 'sluice/a', base: 'main', title: 'Change a', body: '', date: tagged.date }
  const mine = await world.forge.proposeChange({ ...change, from: world.first, files: { 'a.txt': 'theirs\n' } })
  await world.forge.merge(mine.number, 'theirs')
  const late = { ...change, prefix: 'sluice/b', from: world.first, files: { 'a.txt': 'made from the first\n' } }
  const second = await world.forge.proposeChange(late)
  expect(world.plain('rev-parse', `${second.head.sha}^`)).toBe(world.first)
  await expect(world.forge.merge(second.number, 'undo')).rejects.toThrow(/not mergeable/)
  expect(world.plain('show', 'main:a.txt')).toBe('theirs')
})

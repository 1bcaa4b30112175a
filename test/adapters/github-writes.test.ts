import { expect, test } from 'vitest'
import { ToolError } from '../../src/core/errors.ts'
import { assets, checkOf, forgeWorld, release, request, tagged, writes } from './forge-world.ts'

test('a tag is the object that git itself would make, is made once and never moved', async () => {
  await using world = await forgeWorld()
  const made = await world.forge.createTag({ ...tagged, sha: world.first })
  expect(made).toEqual({ sha: world.plain('rev-parse', 'model@v1.0.0'), created: true })
  await world.git.tag('model@v1.0.0', world.first, tagged.message, tagged.date)
  const before = writes(world)
  expect(await world.forge.createTag({ ...tagged, sha: world.first })).toEqual({ ...made, created: false })
  expect(writes(world)).toBe(before)
  await expect(world.forge.createTag({ ...tagged, sha: world.head })).rejects.toThrow(/says something else/)
  const later = { ...tagged, sha: world.first, date: '2026-11-22T10:00:01Z' }
  await expect(world.forge.createTag(later)).rejects.toThrow(/says something else/)
  await world.git.tag('by-git', world.first, tagged.message, tagged.date)
  const byGit = await world.forge.createTag({ ...tagged, tag: 'by-git', sha: world.first })
  expect(byGit).toEqual({ sha: world.plain('rev-parse', 'by-git'), created: false })
})

test('a release of one tag is made once with all its assets and never rewritten', async () => {
  await using world = await forgeWorld()
  await expect(world.forge.createRelease({ ...release, assets })).rejects.toThrow(/no tag model@v1.0.0/)
  await world.forge.createTag({ ...tagged, sha: world.first })
  const made = await world.forge.createRelease({ ...release, assets })
  const before = writes(world)
  expect(await world.forge.createRelease({ ...release, assets })).toEqual(made)
  expect(writes(world)).toBe(before)
  const other = [{ ...(assets[0] as (typeof assets)[0]), bytes: new Uint8Array(3000) }, ...assets.slice(1)]
  await expect(world.forge.createRelease({ ...release, assets: other })).rejects.toThrow(/says something else/)
  await expect(world.forge.createRelease({ ...release, assets, body: 'x' })).rejects.toThrow(/says something else/)
})

test('an upload that broke is sent again, and a double draft goes', async () => {
  await using world = await forgeWorld()
  await world.forge.createTag({ ...tagged, sha: world.first })
  world.server.faults.push({ kind: 'error-before', method: 'POST', path: /\/assets$/, times: 99 })
  await expect(world.forge.createRelease({ ...release, assets })).rejects.toBeInstanceOf(ToolError)
  const [draft] = (await world.raw('GET', '/releases')).body
  await world.raw('POST', '/releases', { tag_name: draft.tag_name, body: draft.body, draft: true })
  world.server.faults.length = 0
  world.server.faults.push({ kind: 'broken-upload', method: 'POST', path: /\/assets$/, times: 2 })
  const { id } = await world.forge.createRelease({ ...release, assets })
  expect(id).toBe(draft.id)
  const [held, ...more] = (await world.raw('GET', '/releases')).body
  expect(more).toEqual([])
  expect(held).toMatchObject({ draft: false, assets: [{ state: 'uploaded' }, { state: 'uploaded' }] })
})

test('a change is proposed once from its content, with a commit that is the same each time', async () => {
  await using world = await forgeWorld()
  world.write('old.txt', 'x')
  const files = { 'dataset/new.txt': 'text\n', 'picture.bin': new Uint8Array([0, 255, 10]), 'b.txt': null }
  const change = { prefix: 'sluice/data', base: 'proposal', title: 'Take new labels', body: 'Why', files }
  const dated = { ...change, date: '2026-11-22T10:00:00Z' }
  const pull = await world.forge.proposeChange(dated)
  const { ref, sha } = pull.head
  expect(world.plain('diff', '--name-status', 'proposal', sha).split('\n')).toEqual([
    'D\tb.txt',
    'A\tdataset/new.txt',
    'A\tpicture.bin',
  ])
  const before = writes(world)
  expect(await world.forge.proposeChange(dated)).toEqual(pull)
  expect(writes(world)).toBe(before)

  // What a run leaves that dies before it opens the pull request is taken up; what another put there is not.
  const second = { ...dated, title: 'Take newer labels' }
  world.server.faults.push({ kind: 'read-only', method: 'POST', path: /\/pulls$/ })
  await expect(world.forge.proposeChange(second)).rejects.toThrow(/not accessible/)
  expect((await world.forge.proposeChange(second)).number).toBe(2)
  const third = { ...dated, title: 'Take the newest labels' }
  world.server.faults.push({ kind: 'read-only', method: 'POST', path: /\/pulls$/ })
  await expect(world.forge.proposeChange(third)).rejects.toThrow(/not accessible/)
  const branches = world.plain('branch', '--list', 'sluice/data-*', '--format=%(refname:short)').split('\n')
  const fresh = branches.find(
    (branch) => branch !== ref && branch !== 'x' && world.plain('log', '-1', '--format=%s', branch) === third.title,
  )
  world.plain('update-ref', `refs/heads/${fresh}`, world.head)
  await expect(world.forge.proposeChange(third)).rejects.toThrow(/holds something else/)
  expect(await world.forge.defaultBranch()).toBe('proposal')
})

test('a report of 300 annotations and a comment takes at most 25 requests, and a second one from rest writes nothing', async () => {
  await using world = await forgeWorld()
  await world.forge.openPullRequest(request)
  const run = async () => {
    const order = { run: 12, attempt: 1 }
    const from = world.server.requests.length
    const forge = world.clientWith('ghs_test')
    await forge.upsertCheck({ ...checkOf(world, 300), order })
    await forge.upsertComment(1, 'pull-request', 'report', order)
    return world.server.requests.slice(from)
  }
  expect((await run()).length).toBeLessThanOrEqual(25)
  expect((await run()).filter((line) => !line.startsWith('GET'))).toEqual([])
})

test('a workflow is started once for what was asked: by a second try, after a lost answer, and after an unclear one', async () => {
  await using world = await forgeWorld()
  const inputs = { 'pull-request': '1' }
  const [since, title] = ['2026-11-22T09:00:00Z', 'Train #1 at 0']
  const asked = { workflow: 'train.yml', branch: 'main', inputs, title, since, retried: false }
  const started = () => world.events.filter(({ name }) => name === 'workflow_dispatch').length
  const begin = () => {
    const of = { workflow: 'train.yml', name: 'Train', title, event: 'workflow_dispatch', actor: 'ada', attempt: 1 }
    world.server.runs.start({ ...of, headSha: world.head, headBranch: 'main', headRepository: 'acme/data' })
  }
  expect(await world.forge.dispatch(asked)).toBe(true)
  expect(world.events.at(-1)).toMatchObject({ name: 'workflow_dispatch', payload: { inputs } })
  begin()
  expect(await world.forge.dispatch({ ...asked, retried: true })).toBe(false)
  expect(started()).toBe(1)
  // Asked for again later on purpose.
  const later = { ...asked, since: '2099-11-22T09:00:00Z' }
  world.server.faults.push({ kind: 'lost-response', method: 'POST', path: /dispatches$/ })
  await expect(world.forge.dispatch(later)).rejects.toThrow(/could not start train.yml/)
  expect(started()).toBe(2)
  world.server.faults.push({ kind: 'error-after', method: 'POST', path: /dispatches$/ })
  const other = { ...asked, title: 'Train #2 at 0' }
  const ends = world.forge.dispatch(other)
  while (started() < 3) await new Promise((resolve) => setTimeout(resolve, 2))
  world.server.runs.start({
    ...{
      workflow: 'train.yml',
      name: 'Train',
      title: other.title,
      event: 'workflow_dispatch',
      actor: 'ada',
      attempt: 1,
    },
    ...{ headSha: world.head, headBranch: 'main', headRepository: 'acme/data' },
  })
  expect(await ends).toBe(true)
  expect(started()).toBe(3)
})

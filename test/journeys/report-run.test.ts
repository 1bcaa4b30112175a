import { expect, test } from 'vitest'
import { runComment } from '../../src/journeys/run-comment.ts'
import { request } from '../adapters/forge-world.ts'
import { reportWorld } from './report-world.ts'

test('a run of a proposal for the default branch turns its check green', async () => {
  await using world = await reportWorld()
  expect(await world.report('pull_request', 'proposal')).toMatchObject({ conclusion: 'success', pullRequest: 1 })
})

test('a workflow that a branch defines for pushes writes no check on its commit', async () => {
  await using world = await reportWorld()
  expect(await world.report('push', 'proposal')).toBeNull()
  expect(await world.forge.checks(world.head)).toEqual([])
})

test('a commit that is proposed for another branch too is not green: that branch brings its own workflows', async () => {
  await using world = await reportWorld()
  await world.forge.openPullRequest(world.mine)
  const reported = await world.report('pull_request', 'proposal')
  expect(reported).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
  expect(reported?.title).toContain('another branch too')
})

test('a second proposal counts although it was closed before its run is reported', async () => {
  await using world = await reportWorld()
  const second = await world.forge.openPullRequest(world.mine)
  const run = world.start('pull_request', 'proposal')
  await world.raw('PATCH', `/pulls/${second.number}`, { state: 'closed' })
  const reported = await world.told(run)
  expect(reported).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
  expect(reported?.title).toContain('another branch too')
})

test('a closed second proposal counts at whichever commit it was closed', async () => {
  await using world = await reportWorld()
  const second = await world.forge.openPullRequest(world.mine)
  const run = world.start('pull_request', 'proposal')
  const later = world.plain('commit-tree', `${world.head}^{tree}`, '-p', world.head, '-m', 'later')
  world.plain('update-ref', 'refs/heads/proposal', later)
  await world.raw('PATCH', `/pulls/${second.number}`, { state: 'closed' })
  world.plain('update-ref', 'refs/heads/proposal', world.head)
  expect(await world.forge.pullRequest(second.number)).toMatchObject({ state: 'closed', head: { sha: later } })
  expect(await world.told(run)).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
})

test('a proposal that was turned to the default branch after its run began is not green', async () => {
  await using world = await reportWorld()
  await world.raw('PATCH', '/pulls/1', { base: 'mine' })
  const run = world.start('pull_request', 'proposal')
  await world.raw('PATCH', '/pulls/1', { base: 'main' })
  const reported = await world.told(run)
  expect(reported).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
  expect(reported?.title).toContain('the base of #1 was changed')
})

test('a run is of no proposal that was opened after it', async () => {
  let time = Date.parse('2026-11-22T10:00:00Z')
  await using world = await reportWorld({ now: () => new Date(time) })
  await world.raw('PATCH', '/pulls/1', { state: 'closed' })
  const run = world.start('pull_request', 'proposal')
  time += 60_000
  await world.forge.openPullRequest(request)
  const reported = await world.told(run)
  expect(reported).toMatchObject({ conclusion: 'action_required', pullRequest: 2 })
  expect(reported?.title).toContain('older than its proposal')
})

test('what a branch was proposed for last week says nothing about a run of today', async () => {
  let time = Date.parse('2026-11-22T10:00:00Z')
  await using world = await reportWorld({ now: () => new Date(time) })
  const second = await world.forge.openPullRequest(world.mine)
  await world.raw('PATCH', `/pulls/${second.number}`, { state: 'closed' })
  await world.raw('PATCH', '/pulls/1', { base: 'mine' })
  await world.raw('PATCH', '/pulls/1', { base: 'main' })
  expect(await world.report('pull_request', 'proposal')).toMatchObject({ conclusion: 'action_required' })
  time += 7 * 24 * 3600_000
  expect(await world.report('pull_request', 'proposal')).toMatchObject({ conclusion: 'success', pullRequest: 1 })
})

test('a tag with the name of the default branch starts no run that counts', async () => {
  await using world = await reportWorld()
  const title = `Data set #1 at ${world.head}`
  const { first: headSha } = world
  expect(await world.report('workflow_dispatch', 'main', { headSha, title })).toMatchObject({ conclusion: 'success' })
  // The run says the same of a tag "main" that its owner put on a commit of his own.
  await expect(world.report('workflow_dispatch', 'main', { title })).rejects.toThrow(/was not started from main/)
  expect(await world.report('push', 'main')).toBeNull()
})

test('a commit that came into the default branch by a merge is none that the branch was at', async () => {
  await using world = await reportWorld()
  await world.git.merge('proposal', 'Merge')
  expect(await world.git.isOnLine('main', world.first)).toBe(true)
  expect(await world.git.isOnLine('main', world.head)).toBe(false)
  expect(await world.report('push', 'main')).toBeNull()
})

test('a queue of another branch judges for that branch', async () => {
  await using world = await reportWorld()
  expect(await world.report('merge_group', 'gh-readonly-queue/mine/pr-1-0')).toBeNull()
  expect(await world.report('merge_group', 'gh-readonly-queue/main/pr-1-0')).toMatchObject({ conclusion: 'success' })
})

test('history that was merged crosswise hides no changed policy', async () => {
  await using world = await reportWorld()
  const { plain, first } = world
  const commit = (parents: string[], files: Record<string, string>, second: number) => {
    plain('read-tree', '--empty')
    for (const [path, content] of Object.entries(files)) {
      world.write('blob.tmp', content)
      plain('update-index', '--add', '--cacheinfo', `100644,${plain('hash-object', '-w', 'blob.tmp')},${path}`)
    }
    const date = `2026-11-22T11:00:0${second}Z`
    const dated = ['-c', 'user.name=eve', '-c', 'user.email=eve@localhost', 'commit-tree', plain('write-tree')]
    process.env.GIT_COMMITTER_DATE = date
    const made = plain(...dated, ...parents.flatMap((parent) => ['-p', parent]), '-m', `commit ${second}`)
    delete process.env.GIT_COMMITTER_DATE
    return made
  }
  const [good, bad] = [{ 'gates/model.yaml': 'strict\n' }, { 'gates/model.yaml': 'loose\n' }]
  const start = commit([first], bad, 0)
  const [mended, kept] = [commit([start], good, 1), commit([start], bad, 2)]
  const merged = commit([mended, kept], good, 3)
  const head = commit([mended, kept], bad, 4)
  plain('read-tree', 'HEAD')
  plain('update-ref', 'refs/heads/main', merged)
  plain('update-ref', 'refs/heads/proposal', head)
  // One of the two bases shows nothing, and a single answer of git is that one.
  expect(await world.git.changedFiles(await world.git.mergeBase('main', head), head)).toEqual([])
  const reported = await world.report('pull_request', 'proposal', { headSha: head })
  expect(reported).toMatchObject({ conclusion: 'action_required' })
  expect(reported?.title).toContain('gates/model.yaml')
})

test('evidence against a commit that the default branch never was at is not green', async () => {
  await using world = await reportWorld()
  const other = world.plain('commit-tree', `${world.first}^{tree}`, '-p', world.first, '-m', 'other')
  const reported = await world.report('pull_request', 'proposal', { baseSha: other })
  expect(reported).toMatchObject({ conclusion: 'action_required' })
  expect(reported?.title).toContain('the default branch never was at')
})

test('an earlier run that is repeated never speaks over a later one', async () => {
  await using world = await reportWorld()
  const earlier = world.start('pull_request', 'proposal')
  const title = `Data set #1 at ${world.head}`
  await world.report('workflow_dispatch', 'main', { headSha: world.first, title, verdict: 'fail' })
  await world.told(earlier)
  expect(await world.forge.checks(world.head)).toEqual([{ name: 'sluice / data set', conclusion: 'failure' }])
})

test('a comment is held as long as one of its runs may have been another branch’s', async () => {
  await using world = await reportWorld()
  const run = await world.forge.run(world.start('pull_request', 'proposal').id)
  const pass = {
    run,
    documents: [],
    gpuSeconds: 0,
    pictures: null,
    judged: { verdict: 'pass', reason: 'fine' },
  } as const
  const doubt = { trusted: false, why: 'a doubt', mend: '/sluice retry' } as const
  const all = (trust: typeof doubt | { trusted: true }) =>
    runComment(
      [
        { ...pass, family: 'data set', documents: [], trust },
        { ...pass, family: 'model', documents: [], trust: { trusted: true } },
      ],
      'data',
    )
  expect(all({ trusted: true })).toContain('Nothing to do: this may be merged.')
  expect(all(doubt)).toMatch(/^\*\*Held: \/sluice retry/)
})

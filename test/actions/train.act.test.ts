import { beforeAll, expect, test } from 'vitest'
import { labelsFor } from '../../scripts/story-github/picture.ts'
import { githubWorld } from '../../scripts/story-github/world.ts'
import { installTools } from './act.ts'

beforeAll(installTools, 600_000)

test('an approved commit is trained on with a control, gated, judged in the merge queue, merged, and not trained again', async () => {
  await using world = await githubWorld({ model: true })
  const head = await world.push('more', 'More data', async () => {
    for (const name of ['new-0', 'new-1', 'new-2']) await world.image(`train/${name}`, labelsFor(name))
  })
  const number = await world.open('More data', 'more')
  expect(await world.enqueue(number)).toBe('Required status check "sluice / model" is failing.')

  // Nobody has approved: the plan refuses, nothing is trained, and the check says so.
  await world.comment(number, '/sluice train', 'alice')
  expect(world.runs().slice(2)).toEqual([
    'Commands issue_comment success',
    'Train workflow_dispatch failure',
    'Report workflow_run success',
  ])
  expect(Object.keys(world.local.done[3]?.results ?? {})).toEqual(['plan'])
  const [, refused] = await world.checks(head)
  expect(refused).toMatchObject({ name: 'sluice / model', conclusion: 'action_required' })
  expect(refused?.output.title).toMatch(/nobody with write access, the author apart, has approved exactly/)

  await world.approve(number, 'carol')
  await world.comment(number, '/sluice train', 'alice')
  const trained = world.local.done[6]
  expect(trained?.results).toEqual({ plan: 'success', smoke: 'success', arm: 'success', judge: 'success' })
  expect(trained?.permissions).toEqual({ contents: 'read', actions: 'read', 'pull-requests': 'read' })
  expect(trained?.calls.filter((call) => !call.startsWith('GET'))).toEqual([])
  const judged = (await world.checks(head)).findLast(({ name }) => name === 'sluice / model')
  expect(judged?.conclusion).toBe('success')
  const [comment, ...others] = await world.comments(number)
  expect(others).toEqual([])
  expect(comment?.body).toMatch(/candidate against champion:\*\* mAP50-95 .*candidate against control:\*\* mAP50-95/)
  expect(comment?.body).toMatch(/✔ pass \| `latency` \| ratio-p50 on /)
  expect(comment?.body).toContain('Nothing to do: this may be merged.')

  expect(await world.enqueue(number)).toBeNull()
  expect(world.runs().slice(8)).toEqual([
    'Data set merge_group success',
    'Report workflow_run success',
    'Train push success',
    'Report workflow_run success',
  ])
  // After the merge the arms of the proposal's run are judged once more on main, none is trained.
  const [, , again] = world.local.done.slice(8)
  expect(again?.results).toEqual({ plan: 'success', judge: 'success' })
  expect(again?.outputs.reuse).toBe(String(trained?.run.id))
  const onMain = await world.checks(await world.git.resolve('main'))
  expect(onMain.map(({ name, conclusion }) => [name, conclusion])).toEqual([
    ['sluice / data set', 'success'],
    ['sluice / model', 'success'],
  ])
}, 600_000)

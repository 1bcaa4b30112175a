import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findingsOf } from '../core/judge/planted.ts'
import { reportWorld } from './report-world.ts'

test('a report takes at most 25 requests, however many findings, with every family judged, and from rest it writes nothing', async () => {
  await using world = await reportWorld()
  mkdirSync(join(world.root, 'pipelines'))
  world.write('pipelines/candidate.yaml', 'name: candidate\n')
  const base = (await world.git.commit('a recipe', ['pipelines'])) as string
  const gpu = { budget: { aPullRequest: 8, aMonth: 200 }, machines: 1, now: new Date() }
  const documents = [findingsOf(Array.from({ length: 2000 }, (_, i) => ({ line: i + 1 })))]
  const data = (more: object = {}) => world.start('pull_request', 'proposal', { verdict: 'fail', documents, ...more })
  const report = async (run: { id: number }) => {
    const before = world.server.requests.length
    await world.told(run, world.clientWith('ghs_test'), gpu)
    // An archive lies in a storage beside the interface.
    return world.server.requests.slice(before).filter((line) => !line.startsWith('GET /archives/'))
  }
  await report(data())
  await report(world.start('pull_request', 'proposal', { workflow: 'promotion-pr.yml', name: 'Promotion' }))
  const train = { workflow: 'train.yml', name: 'Train', title: `Train #1 at ${world.head}`, headSha: base }
  await report(world.start('workflow_dispatch', 'main', train))
  const last = data()
  const calls = await report(last)
  expect(calls.filter((line) => line.startsWith('PATCH') && line.includes('check-runs'))).toHaveLength(2)
  expect(calls.length).toBeLessThanOrEqual(25)
  expect((await report(last)).filter((line) => !line.startsWith('GET'))).toEqual([])
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commentEvent } from '../../src/adapters/actions.ts'
import { obeyComment } from '../../src/journeys/obey-comment.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-comment-'))
const kept = { ...process.env }
beforeAll(() => {
  process.env.GITHUB_EVENT_NAME = 'issue_comment'
})
afterAll(() => {
  process.env = kept
  rmSync(folder, { recursive: true, force: true })
})

/** The event as the job that runs for the n-th time finds it. */
function event(payload: object, attempt: number) {
  const file = join(folder, 'event.json')
  writeFileSync(file, JSON.stringify(payload))
  process.env.GITHUB_RUN_ATTEMPT = String(attempt)
  return commentEvent(file)
}

test('a command starts one run however often its own job is run again, and another comment starts another', async () => {
  let [second, started] = [0, 0]
  await using world = await forgeWorld({
    people: { carol: 'write' },
    logins: { carol: 'carol' },
    now: () => new Date(Date.parse('2026-11-22T10:00:00Z') + 1000 * second),
    onEvent: ({ name, payload }) => {
      if (name === 'issue_comment') comments.push(payload)
      if (name !== 'workflow_dispatch') return
      started++
      const inputs = payload.inputs as Record<string, string>
      const title = `Train #${inputs['pull-request']} at ${inputs['head-sha']}`
      const at = { headSha: world.first, headBranch: 'main', headRepository: 'acme/data', actor: 'carol' }
      world.server.runs.start({ ...at, workflow: 'train.yml', name: 'Train', title, event: name, attempt: 1 })
    },
  })
  const comments: object[] = []
  await world.forge.openPullRequest(request)
  const obey = (n: number, attempt: number) => {
    const { defaultBranch, ...comment } = event(comments[n] as object, attempt)
    return obeyComment(world.forge, comment, defaultBranch)
  }
  await world.raw('POST', '/issues/1/comments', { body: '/sluice train' }, 'carol')
  second = 5
  expect(await obey(0, 1)).toMatchObject({ started: ['train.yml'], denied: false })
  second = 9
  expect(await obey(0, 2)).toMatchObject({ started: [], denied: false, says: expect.stringContaining('already') })
  expect(started).toBe(1)
  await world.raw('POST', '/issues/1/comments', { body: '/sluice train' }, 'carol')
  expect(await obey(1, 1)).toMatchObject({ started: ['train.yml'] })
  expect(started).toBe(2)
})

test('a comment without its time is no event of GitHub', () => {
  const comment = { body: '/sluice train', user: { login: 'carol' } }
  const payload = { action: 'created', issue: { number: 1, pull_request: {} }, comment }
  expect(() => event(payload, 1)).toThrow(/no new comment/)
})

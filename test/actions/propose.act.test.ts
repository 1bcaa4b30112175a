import { beforeAll, expect, test } from 'vitest'
import { githubWorld } from '../../scripts/story-github/world.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { documentId } from '../../src/core/documents/define.ts'
import { acceptancePath } from '../../src/core/judge/acceptance.ts'
import { gate } from '../../src/steps/gate.ts'
import { subject } from '../core/judge/planted.ts'
import { installTools } from './act.ts'

beforeAll(installTools, 600_000)

test('/sluice accept opens a pull request by the App, which is judged in its turn; said again it writes nothing', async () => {
  await using world = await githubWorld()
  const head = await world.push('more', 'More data', () => world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n'))
  const number = await world.open('More data', 'more')
  const yaml = 'name: model\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }\n'
  const held = gate({ policy: { yaml, file: 'gates/model.yaml' }, evidence: [], subject, options: {} })
  const id = documentId(held)
  const of = { workflow: 'train.yml', name: 'Train', actor: 'carol', attempt: 1, event: 'workflow_dispatch' }
  const at = { headSha: await world.git.resolve('main'), headBranch: 'main', headRepository: 'acme/data' }
  const trained = world.local.forge.runs.start({ ...of, ...at, title: `Train #${number} at ${head}` })
  const file = { path: 'verdict.json', bytes: new TextEncoder().encode(JSON.stringify(held)) }
  world.local.forge.runs.keepArtifact(trained.id, 'sluice-evidence', writeZip([file]))
  world.local.forge.runs.end(trained.id, 'failure')
  await world.local.idle()
  const before = world.runs().length

  const reason = 'three "scenes" `checked` $(by) hand'
  await world.comment(number, `/sluice accept ${id} ${reason}`, 'mallory')
  expect(world.runs().slice(before)).toEqual(['Commands issue_comment failure'])
  await world.comment(number, `/sluice accept ${id} ${reason}`, 'carol')
  expect(world.runs().slice(before + 1)).toEqual([
    'Commands issue_comment success',
    'Propose workflow_dispatch success',
    'Data set pull_request success',
    'Report workflow_run success',
  ])
  const proposed = world.local.done[before + 2]
  expect(proposed?.permissions).toEqual({ contents: 'read', actions: 'read', 'pull-requests': 'read' })
  const { body: pulls } = await world.api<
    { number: number; head: { ref: string; sha: string }; user: { login: string } }[]
  >('GET', '/pulls?state=all', 'alice')
  const [acceptance, ...others] = pulls.filter((pull) => pull.number !== number)
  expect([acceptance?.user.login, others]).toEqual(['sluice-app[bot]', []])
  const text = new TextDecoder().decode(
    (await world.git.show(acceptance?.head.ref as string, acceptancePath(id))) ?? undefined,
  )
  expect(text).toContain(`verdict: ${id}`)
  expect(text).toContain(reason)
  // Policy: a code owner has to approve it.
  expect((await world.checks(acceptance?.head.sha as string)).at(-1)?.conclusion).toBe('action_required')

  type Said = { body: string; created_at: string; user: { login: string } }
  const { body: comments } = await world.api<Said[]>('GET', `/issues/${number}/comments`, 'alice')
  const said = comments.find(({ user }) => user.login === 'carol')?.created_at
  const inputs = { 'pull-request': String(number), verdict: id, reason, owner: 'carol', at: said }
  await world.api('POST', '/actions/workflows/propose.yml/dispatches', 'carol', { ref: 'main', inputs })
  await world.local.idle()
  const again = world.local.done.at(-1)
  expect([again?.run.name, again?.conclusion]).toEqual(['Propose', 'success'])
  expect(again?.calls.length).toBeGreaterThan(0)
  expect(again?.calls.filter((call) => !call.startsWith('GET'))).toEqual([])
}, 240_000)

import { beforeAll, expect, test } from 'vitest'
import { createForge } from '../../src/adapters/github.ts'
import { installTools, runWorkflow } from './act.ts'
import { datasetWorld } from './dataset-world.ts'

type Run = { id: number; name: string; conclusion: string; head_sha: string }
type Comment = { id: number; body: string; user: { login: string } }

beforeAll(installTools, 600_000)

test('a proposal is judged by the workflow: one check, one comment, and the next push changes the comment', async () => {
  await using world = await datasetWorld()
  const { git, server, get } = world
  const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'ghs_open', pauseMs: 5 })
  await git.branch('more', 'main')
  await git.checkout('more')
  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.95 0.5 0.4 0.2\n7 0.5 0.5 0.1 0.1\n')
  await git.commit('More data', ['data'])
  const { number } = await forge.openPullRequest({ title: 'More data', body: '', head: 'more', base: 'main' })
  const judge = async () => {
    const { clone, event } = await world.proposal('more', number)
    const workflow = '.github/workflows/dataset-pr.yml'
    return runWorkflow({ repository: clone, workflow, event, apiUrl: server.url, jobs: ['judge'] })
  }

  const first = await judge()
  expect(first.results, first.log).toEqual({ judge: 'failure' })
  expect(first.conclusion).toBe('failure')
  expect(first.outputs.verdict).toBe('fail')
  expect(Number(first.outputs.errors)).toBeGreaterThanOrEqual(1)
  const firstHead = await git.resolve('more')
  const [run] = (await get<{ check_runs: [Run] }>(`/commits/${firstHead}/check-runs?filter=all`)).check_runs
  expect(run).toMatchObject({ name: 'sluice / data set', conclusion: 'failure', head_sha: firstHead })
  const annotations = await get<object[]>(`/check-runs/${run.id}/annotations?per_page=100`)
  expect(annotations).toContainEqual(
    expect.objectContaining({ path: 'data/site/labels/train/new-0.txt', start_line: 3, annotation_level: 'failure' }),
  )
  const [comment] = await get<[Comment]>(`/issues/${number}/comments`)
  expect(comment.body).toMatch(/^<!-- sluice:data-set -->\n\*\*To do: mend 1 new error listed below/)
  expect(comment.body).toContain('`labels/train/new-0.txt:3`')
  expect(comment.user.login).toBe('github-actions[bot]')
  expect(first.summary).toContain('To do: mend')

  // The same run again writes nothing.
  const writes = () => server.requests.filter((line) => !line.startsWith('GET')).length
  const before = writes()
  expect((await judge()).results).toEqual({ judge: 'failure' })
  expect(writes()).toBe(before)

  await world.image('train/new-0', '0 0.5 0.5 0.4 0.6\n1 0.5 0.5 0.2 0.2\n')
  const mended = await git.commit('Mend the labels', ['data'])
  const last = await judge()
  expect(last.results, last.log).toEqual({ judge: 'success' })
  expect(last.outputs).toMatchObject({ verdict: 'pass', errors: '0' })
  const comments = await get<Comment[]>(`/issues/${number}/comments`)
  expect(comments).toHaveLength(1)
  expect(comments[0]).toMatchObject({
    id: comment.id,
    body: expect.stringContaining('Nothing to do: this may be merged.'),
  })
  const checks = (await get<{ check_runs: Run[] }>(`/commits/${mended}/check-runs?filter=all`)).check_runs
  expect(checks.map((check) => check.conclusion)).toEqual(['success'])
}, 180_000)

test('a fork’s token writes nothing, a proposal’s own policy counts for nothing, and the run still fails', async () => {
  await using world = await datasetWorld()
  const { git, server, get } = world
  const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: 'ghs_open', pauseMs: 5 })
  await git.branch('sly', 'main')
  await git.checkout('sly')
  await world.image('train/new-0', '7 0.5 0.5 0.1 0.1\n')
  world.write('gates/dataset.yaml', 'name: dataset\nrules:\n  label-class: { severity: off }\n')
  await git.commit('More data, and a policy that lets it in', ['data', 'gates'])
  const { number } = await forge.openPullRequest({ title: 'Sly', body: '', head: 'sly', base: 'main' })
  server.faults.push({ kind: 'read-only', times: 99 })
  const { clone, event } = await world.proposal('sly', number)
  const workflow = '.github/workflows/dataset-pr.yml'
  const run = await runWorkflow({ repository: clone, workflow, event, apiUrl: server.url, jobs: ['judge'] })
  expect(run.results, run.log).toEqual({ judge: 'failure' })
  expect(run.outputs).toMatchObject({ verdict: 'fail', errors: '1' })
  expect(run.log).toContain('give the job the permission it needs')
  expect(run.summary).toContain('To do: mend 1 new error')
  expect(await get(`/issues/${number}/comments`)).toEqual([])
}, 120_000)

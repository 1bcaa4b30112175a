import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { starts } from '../../../src/adapters/local-actions/triggers.ts'
import { readWorkflow } from '../../../src/adapters/local-actions/workflow-file.ts'
import { starterWorkflows } from '../../../src/core/render/starter-workflows.ts'
import { localWorld } from '../../actions/local-world.ts'

const shipped = fileURLToPath(new URL('../../../.github/workflows', import.meta.url))
const source = { repository: 'acme/sluice', commit: '0'.repeat(40), version: 'v0.1.0' }
const callers = Object.entries(starterWorkflows(source, 'data'))
const callerOf = (group: string) => `name: Judge
on: { push: { branches: [topic] } }
permissions: {}
concurrency: { group: '${group}', cancel-in-progress: true }
jobs:
  judge:
    if: github.event.after != 'x'
    uses: acme/sluice/.github/workflows/judge.yml@${source.commit}
`
const called = `name: Called
on: { workflow_call: null }
concurrency: { group: 'judge-\${{ github.ref }}', cancel-in-progress: true }
jobs: { judge: { if: github.event_name == 'nothing', runs-on: nowhere, steps: [{ run: 'true' }] } }
`

/** The log of the run that a push starts, of a workflow that calls another in this group; null when it does not end by itself. */
async function logOf(group: string): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-called-'))
  mkdirSync(join(folder, '.github/workflows'), { recursive: true })
  writeFileSync(join(folder, '.github/workflows/judge.yml'), called)
  try {
    const local = { [`acme/sluice@${source.commit}`]: folder }
    await using world = await localWorld({ '.github/workflows/judge.yml': callerOf(group) }, { local })
    await world.push('topic', { 'note.txt': 'x' })
    await world.actions.idle()
    const [done] = world.actions.done
    return done?.conclusion === 'cancelled' ? done.log : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a run in the group of the workflow that it calls waits for itself, and is cancelled as at GitHub', async () => {
  expect(await logOf(`judge-\${{ github.ref }}`)).toBe(
    "Canceling since a deadlock for concurrency group 'judge-refs/heads/topic' was detected between 'top level workflow' and what it calls",
  )
})

test.each(callers)('the caller %s is in another group than what it calls', (file, text) => {
  const github = { event_name: 'x', ref: 'refs/heads/main', sha: 'f'.repeat(40), run_id: 5 }
  const event = { pull_request: { number: 7 }, workflow_run: { id: 8 }, comment: { id: 9 } }
  const contexts = { github: { ...github, event }, inputs: { 'pull-request': '7', 'head-sha': '' }, vars: {} }
  const groupOf = (content: string) => readWorkflow(file, content).concurrency(contexts)?.group
  const [ours, theirs] = [groupOf(text), groupOf(readFileSync(join(shipped, file), 'utf8'))]
  expect(ours).toBeTruthy()
  expect(theirs).toBeTruthy()
  expect(ours).not.toBe(theirs)
})

test('a run without a job whose condition holds is kept as skipped, and nothing of it is executed', async () => {
  const never =
    'name: Never\non: push\njobs: { a: { if: github.ref == 0, runs-on: nowhere, steps: [{ run: exit 1 }] } }\n'
  await using world = await localWorld({ '.github/workflows/never.yml': never })
  await world.push('topic', { 'note.txt': 'x' })
  await world.actions.idle()
  expect(world.actions.done).toEqual([])
  const { body } = await world.call<{ workflow_runs: object[] }>('GET', '/actions/runs')
  expect(body.workflow_runs).toMatchObject([{ name: 'Never', status: 'completed', conclusion: 'skipped' }])
})

test('a push to a proposal ends the training of an older commit: both are in one group', async () => {
  const read = (file: string) => readWorkflow(file, readFileSync(join(shipped, file), 'utf8'))
  const github = { event_name: 'pull_request', ref: 'refs/pull/7/merge', event: { pull_request: { number: 7 } } }
  const pushed = read('supersede.yml').concurrency({ github, inputs: {}, vars: {} })
  expect(pushed).toEqual({ group: 'train-7', cancels: true })
  const main = { event_name: 'workflow_dispatch', ref: 'refs/heads/main', event: {} }
  const asked = { github: main, inputs: { 'pull-request': '7' }, vars: {} }
  expect(read('train.yml').concurrency(asked)).toEqual(pushed)
  const isStarted = (action: string) =>
    starts(read('supersede.yml'), {
      ...{ name: 'pull_request', byWorkflow: false, paths: async () => [] },
      payload: { action, pull_request: { base: { ref: 'main' } } },
    })
  expect([await isStarted('synchronize'), await isStarted('opened')]).toEqual([true, false])
})

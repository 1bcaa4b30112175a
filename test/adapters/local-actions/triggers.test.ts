import { expect, test } from 'vitest'
import { dispatchInputs } from '../../../src/adapters/local-actions/dispatch-inputs.ts'
import { passesFilter } from '../../../src/adapters/local-actions/filter-pattern.ts'
import { starts } from '../../../src/adapters/local-actions/triggers.ts'

// The rows of GitHub's filter pattern cheat sheet, each with names that it says match, and others that do not.
const cheatSheet: [pattern: string, matches: string[], others: string[]][] = [
  ['feature/*', ['feature/my-branch', 'feature/your-branch'], ['feature/a/b', 'feature']],
  ['feature/**', ['feature/beta-a/my-branch', 'feature/your-branch', 'feature/mona/the/octocat'], ['features/a']],
  ['releases/mona-the-octocat', ['releases/mona-the-octocat'], ['releases/mona-the-octocat/1']],
  ['*', ['main', 'releases'], ['all/the/branches']],
  ['**', ['all/the/branches', 'every/tag'], []],
  ['*feature', ['mona-feature', 'feature', 'ver-10-feature'], ['a/feature', 'feature-1']],
  ['v2*', ['v2', 'v2.0', 'v2.9'], ['v1', 'v2/0']],
  ['v[12].[0-9]+.[0-9]+', ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1.x.0', 'v1.10', 'v1a10a1']],
  ['*.jsx?', ['page.js', 'page.jsx'], ['page.jsxx', 'src/page.js']],
  ['**.js', ['index.js', 'js/index.js', 'src/js/app.js'], ['index.jsx']],
  ['docs/*', ['docs/README.md', 'docs/file.txt'], ['docs/a/b.md']],
  ['docs/**', ['docs/README.md', 'docs/mona/octocat.txt'], ['doc/a']],
  ['docs/**/*.md', ['docs/README.md', 'docs/mona/hello-world.md', 'docs/a/markdown/file.md'], ['docs/a.txt']],
  ['**/docs/**', ['docs/hello.md', 'dir/docs/my-file.txt', 'space/docs/plan/space.doc'], ['mydocs/a']],
  ['**/README.md', ['README.md', 'js/README.md'], ['js/MYREADME.md']],
  ['**/*src/**', ['a/src/app.js', 'my-src/code/js/app.js'], ['a/srcs/app.js']],
  ['**/*-post.md', ['my-post.md', 'path/their-post.md'], ['post.md']],
  ['**/migrate-*.sql', ['migrate-10909.sql', 'db/migrate-v1.0.sql', 'db/sept/migrate-v1.sql'], ['db/migrate.sql']],
  ['[CB]at', ['Cat', 'Bat'], ['Rat']],
  ['[1-2]00', ['100', '200'], ['300']],
  ['Octoc?t', ['Octot', 'Octoct'], ['Octocat']],
  ['**@v*', ['site@v1.2.0', 'a/site@v1'], ['site#prod#3', 'main']],
  ['a\\+b', ['a+b'], ['aab']],
]

test.each(cheatSheet)('the pattern %s matches what GitHub says', (pattern, matches, others) => {
  for (const name of matches) expect(passesFilter([pattern], name), name).toBe(true)
  for (const name of others) expect(passesFilter([pattern], name), name).toBe(false)
})

test('the last pattern that matches decides, and a list of exclusions alone lets nothing through', () => {
  expect(passesFilter(['*.md', '!README.md'], 'hello.md')).toBe(true)
  expect(passesFilter(['*.md', '!README.md'], 'README.md')).toBe(false)
  expect(passesFilter(['*.md', '!README.md', 'README*'], 'README.md')).toBe(true)
  expect(passesFilter(['!README.md'], 'hello.md')).toBe(false)
})

const push = (ref: string, more: object = {}) => ({ name: 'push', payload: { ref, deleted: false, ...more } })
const pull = (action: string, base = 'main') => ({
  name: 'pull_request',
  payload: { action, pull_request: { base: { ref: base } } },
})
const finished = (workflow: string, branch: string, action = 'completed') => ({
  name: 'workflow_run',
  payload: { action, workflow_run: { name: workflow, head_branch: branch } },
})
const queued = (base: string) => ({
  name: 'merge_group',
  payload: { action: 'checks_requested', merge_group: { base_ref: `refs/heads/${base}` } },
})
const commented = { name: 'issue_comment', payload: { action: 'created' } }
const data = { paths: ['data/site/labels.dvc', 'README.md'] }

// What GitHub's pages on events and on the workflow syntax say.
const table: [on: unknown, event: { name: string; payload: object }, started: boolean, more?: object][] = [
  ['push', push('refs/heads/any'), true],
  ['push', push('refs/tags/v1'), true],
  ['push', push('refs/heads/any', { deleted: true }), false],
  [['push', 'pull_request'], pull('opened'), true],
  ['push', pull('opened'), false],
  [{ push: { branches: ['main'] } }, push('refs/heads/main'), true],
  [{ push: { branches: 'main' } }, push('refs/heads/main'), true],
  [{ push: { branches: ['main'] } }, push('refs/heads/topic'), false],
  [{ push: { branches: ['main'] } }, push('refs/tags/main'), false],
  [{ push: { tags: ['v*'] } }, push('refs/heads/v1'), false],
  [{ push: { tags: ['v*'] } }, push('refs/tags/v1'), true],
  [{ push: { 'tags-ignore': ['v1*'] } }, push('refs/tags/v1.0'), false],
  [{ push: { 'tags-ignore': ['v1*'] } }, push('refs/tags/v2'), true],
  [{ push: { branches: ['main'], tags: ['**@v*'] } }, push('refs/tags/site@v1.0.0'), true],
  [{ push: { branches: ['main'], tags: ['**@v*'] } }, push('refs/tags/site#prod#1'), false],
  [{ push: { branches: ['**', '!wip/**'] } }, push('refs/heads/wip/a'), false],
  [{ push: { 'branches-ignore': ['wip/**'] } }, push('refs/heads/topic'), true],
  [{ push: { paths: ['data/**'] } }, push('refs/heads/main'), true, data],
  [{ push: { paths: ['channels/**'] } }, push('refs/heads/main'), false, data],
  [{ push: { paths: ['channels/**'] } }, push('refs/tags/v1'), true, data],
  [{ push: { paths: ['data/**', '!data/**'] } }, push('refs/heads/main'), false, data],
  [{ push: { 'paths-ignore': ['data/**'] } }, push('refs/heads/main'), true, data],
  [{ push: { 'paths-ignore': ['data/**', '*.md'] } }, push('refs/heads/main'), false, data],
  [{ push: { branches: ['main'], paths: ['data/**'] } }, push('refs/heads/topic'), false, data],
  ['pull_request', pull('opened'), true],
  ['pull_request', pull('synchronize'), true],
  ['pull_request', pull('reopened'), true],
  ['pull_request', pull('closed'), false],
  ['pull_request', pull('labeled'), false],
  [{ pull_request: { types: ['labeled'] } }, pull('labeled'), true],
  [{ pull_request: { types: ['labeled'] } }, pull('opened'), false],
  [{ pull_request: { branches: ['main'] } }, pull('opened', 'release/1'), false],
  [{ pull_request: null }, pull('opened', 'release/1'), true],
  [{ pull_request: { paths: ['channels/**'] } }, pull('opened'), false, data],
  [{ merge_group: { branches: ['main'] } }, queued('main'), true],
  [{ merge_group: { branches: ['main'] } }, queued('next'), false],
  [{ workflow_run: { workflows: ['Train'], types: ['completed'] } }, finished('Train', 'main'), true],
  [{ workflow_run: { workflows: ['Train'], types: ['completed'] } }, finished('Train', 'main', 'requested'), false],
  [{ workflow_run: { workflows: ['Train'] } }, finished('Data set', 'main'), false],
  [{ workflow_run: { workflows: ['Train'], branches: ['main'] } }, finished('Train', 'topic'), false],
  [{ issue_comment: { types: ['created'] } }, commented, true],
  [{ issue_comment: { types: ['deleted'] } }, commented, false],
  [{ schedule: [{ cron: '0 3 * * *' }] }, { name: 'schedule', payload: {} }, false],
  [{ workflow_dispatch: null }, { name: 'workflow_dispatch', payload: {} }, true],
  [{ workflow_call: null }, { name: 'workflow_dispatch', payload: {} }, false],
]

test.each(table)('on %j: %j starts it: %s', async (on, event, started, more = {}) => {
  const { paths = [] } = more as { paths?: string[] }
  const whole = { ...event, payload: event.payload as Record<string, unknown>, paths: async () => paths }
  expect(await starts({ on }, { ...whole, byWorkflow: false })).toBe(started)
  // GITHUB_TOKEN starts a dispatch, and the end of a run is GitHub's own doing; everything else starts nothing.
  const own = started && ['workflow_dispatch', 'workflow_run'].includes(event.name)
  expect(await starts({ on }, { ...whole, byWorkflow: true })).toBe(own)
})

test('changed files are asked for only where a filter needs them', async () => {
  const paths = async (): Promise<string[]> => {
    throw new Error('not needed')
  }
  const event = { ...push('refs/heads/main'), byWorkflow: false, paths }
  expect(await starts({ on: { push: { branches: ['main'] } } }, event)).toBe(true)
  await expect(starts({ on: { push: { paths: ['a'] } } }, event)).rejects.toThrow('not needed')
})

test('inputs of a dispatch: defaults are filled in; unknown, missing and impossible ones are refused', () => {
  const inputs = {
    commit: { required: true },
    dry: { type: 'boolean', default: false },
    size: { type: 'choice', options: ['s', 'm'] },
  }
  const on = { workflow_dispatch: { inputs } }
  expect(dispatchInputs(on, { commit: 'abc' })).toEqual({ inputs: { commit: 'abc', dry: 'false', size: '' } })
  expect(dispatchInputs(on, { commit: 'abc', dry: true })).toMatchObject({ inputs: { dry: 'true' } })
  expect(dispatchInputs(on, {})).toEqual({ refused: "Required input 'commit' not provided" })
  expect(dispatchInputs(on, { commit: 'a', comit: 'b' })).toEqual({ refused: 'Unexpected inputs provided: ["comit"]' })
  expect(dispatchInputs(on, { commit: 'a', size: 'xl' })).toHaveProperty('refused')
  expect(dispatchInputs({ push: null }, {})).toHaveProperty('refused')
  expect(dispatchInputs(['workflow_dispatch'], {})).toEqual({ inputs: {} })
})

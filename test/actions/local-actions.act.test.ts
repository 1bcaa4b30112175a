import { beforeAll, expect, test } from 'vitest'
import { workflowText } from '../../scripts/story-github/world.ts'
import { installTools } from './act.ts'
import { localWorld } from './local-world.ts'

beforeAll(async () => {
  await installTools()
  // Nothing of this reaches a step.
  process.env.ACT_OUTSIDE = 'seen'
}, 600_000)

const upload = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a'
const download = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c'
const checkout = 'actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0'
const appToken = 'actions/create-github-app-token@bcd2ba49218906704ab6c1aa796996da409d3eb1'
/** Shell that calls the forge with the job's token, and prints the status. */
const post = (path: string, body: string, token = '$TOKEN') =>
  `curl -s -o /dev/null -w 'status=%{http_code}\\n' -X POST -H "authorization: Bearer ${token}" -d '${body}' "$GITHUB_API_URL/repos/acme/data${path}"`

/** Shell that says whether the job may ask for an identity. */
const identity = 'printf "identity=%s.\\n" "$(test -n "$ACTIONS_ID_TOKEN_REQUEST_URL" && echo given)"'

const judge = `name: Judge
on: { pull_request: { branches: [main] }, merge_group: null }
permissions: {}
concurrency: { group: 'judge-\${{ github.event.pull_request.number || github.ref }}', cancel-in-progress: true }
jobs:
  judge:
    runs-on: ubuntu-latest
    permissions: { contents: read }
    steps:
      - uses: ${checkout}
      - run: mkdir evidence && cp note.txt evidence/ && git log -1 --format=%P > evidence/parents.txt
      - run: ${JSON.stringify(post('/issues/1/comments', '{"body":"judge was here"}'))}
        env: { TOKEN: '\${{ github.token }}' }
      - run: ${JSON.stringify(identity)}
      - uses: ${upload}
        with: { name: sluice-evidence, path: evidence }
  never:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps: [{ run: exit 1 }]
`
const report = `name: Report
on: { workflow_run: { workflows: [Judge], types: [completed] } }
permissions: {}
jobs:
  report:
    runs-on: ubuntu-latest
    permissions: { actions: read, pull-requests: write, id-token: write }
    steps:
      - uses: ${checkout}
        with: { ref: '\${{ github.event.repository.default_branch }}', fetch-depth: 0 }
      - run: test "$(git rev-parse HEAD)" = "$(git rev-parse origin/main)" && grep -q main note.txt
      - uses: ${download}
        with: { name: sluice-evidence, path: '\${{ runner.temp }}/evidence', run-id: '\${{ github.event.workflow_run.id }}', github-token: '\${{ github.token }}' }
      - run: cat "$RUNNER_TEMP/evidence/note.txt"
      - run: ${JSON.stringify(identity)}
      - run: ${JSON.stringify(post('/issues/1/comments', '{"body":"reported"}'))}
        env: { TOKEN: '\${{ github.token }}' }
`
const files = { 'note.txt': 'main\n', '.github/workflows/judge.yml': judge, '.github/workflows/report.yml': report }
type Comments = { body: string; user: { login: string } }[]

test('a proposal starts its run on the merge, its end starts the report, and each token may what its jobs declare', async () => {
  await using world = await localWorld(files)
  const head = await world.push('topic', { 'note.txt': 'topic\n' })
  const opened = await world.call<{ number: number }>('POST', '/pulls', { title: 'Topic', head: 'topic', base: 'main' })
  expect(opened.status).toBe(201)
  await world.actions.idle()
  expect(world.runs()).toEqual(['Judge pull_request success', 'Report workflow_run success'])
  const [judged, reported] = world.actions.done
  expect(judged?.results).toEqual({ judge: 'success' })
  expect(judged?.run).toMatchObject({ headSha: head, headBranch: 'topic', number: 1, title: 'Topic' })
  expect(judged?.log).toContain('status=403')
  expect(judged?.log).toContain('identity=.')
  expect(reported?.log).toContain('identity=given.')
  expect(reported?.log).toContain('topic')
  expect(reported?.log).toContain('status=201')
  const { body: comments } = await world.call<Comments>('GET', '/issues/1/comments')
  expect(comments.map(({ body, user }) => [body, user.login])).toEqual([['reported', 'github-actions[bot]']])
  // What GITHUB_TOKEN wrote has started nothing; a push to the proposal starts both again.
  await world.push('topic', { 'note.txt': 'topic again\n' })
  await world.actions.idle()
  expect(world.runs().slice(2)).toEqual(['Judge pull_request success', 'Report workflow_run success'])
}, 60_000)

test('a fork’s run may only read, whatever its workflow asks for, and what conflicts starts nothing', async () => {
  const greedy = judge.replace('contents: read', 'contents: read, pull-requests: write, id-token: write')
  await using world = await localWorld(files)
  const forked = await world.push('x', { 'note.txt': 'fork\n', '.github/workflows/judge.yml': greedy }, 'mallory')
  world.plain('update-ref', 'refs/forks/mallory/x', forked)
  const opened = await world.call('POST', '/pulls', { title: 'Fork', head: 'mallory:x', base: 'main' })
  expect(opened.status, JSON.stringify(opened.body)).toBe(201)
  await world.actions.idle()
  const [judged] = world.actions.done
  expect(judged?.run.headRepository).toBe('mallory/data')
  expect(judged?.permissions).toEqual({ contents: 'read', 'pull-requests': 'read' })
  expect(judged?.log).toContain('status=403')
  expect(judged?.log).toContain('identity=.')
  expect(world.runs()).toEqual(['Judge pull_request success', 'Report workflow_run success'])

  await world.push('main', { 'note.txt': 'main moved on\n' })
  await world.push('late', { 'other.txt': 'x' })
  await world.actions.idle()
  world.plain('update-ref', 'refs/heads/conflict', forked)
  await world.call('POST', '/pulls', { title: 'Conflict', head: 'conflict', base: 'main' })
  await world.actions.idle()
  expect(world.runs()).toHaveLength(2)
}, 60_000)

const train = `name: Train
run-name: "\${{ github.event_name == 'workflow_dispatch' && format('Train #{0}', inputs.pull-request) || 'Train' }}"
on: { workflow_dispatch: { inputs: { pull-request: { required: true } } } }
permissions: {}
concurrency: { group: 'train-\${{ inputs.pull-request }}', cancel-in-progress: true }
jobs:
  gpu:
    runs-on: [self-hosted, gpu]
    environment: gpu
    steps:
      - run: test -z "$ACT_OUTSIDE" && sleep "\${{ inputs.pull-request == '2' && '60' || '0' }}"
`
const commands = `name: Commands
on: { issue_comment: { types: [created] } }
permissions: {}
jobs:
  dispatch:
    if: startsWith(github.event.comment.body, '/sluice ')
    runs-on: ubuntu-latest
    permissions: { actions: write }
    steps:
      - run: ${JSON.stringify(post('/actions/workflows/train.yml/dispatches', '{"ref":"main","inputs":{"pull-request":"1"}}'))}
        env: { TOKEN: '\${{ github.token }}' }
`

test('a comment starts a dispatch with GITHUB_TOKEN, and the graphics card waits for its reviewer', async () => {
  const all = { ...files, '.github/workflows/train.yml': train, '.github/workflows/commands.yml': commands }
  await using world = await localWorld(all, { reviewed: ['gpu'] })
  await world.push('topic', { 'note.txt': 'topic\n' })
  await world.call('POST', '/pulls', { title: 'Topic', head: 'topic', base: 'main', draft: false })
  await world.call('POST', '/issues/1/comments', { body: 'nice' })
  await world.call('POST', '/issues/1/comments', { body: '/sluice train' }, 'ghu_bob')
  await world.actions.idle()
  type Runs = { workflow_runs: { name: string; status: string; conclusion: string | null }[] }
  const { body: listed } = await world.call<Runs>('GET', '/actions/runs')
  const of = (name: string) => listed.workflow_runs.filter((run) => run.name === name)
  expect(of('Commands').map(({ conclusion }) => conclusion)).toEqual(['success', 'skipped'])
  expect(of('Train')).toMatchObject([{ status: 'queued', conclusion: null }])
  const [held] = world.actions.waitingFor()
  expect(held).toMatchObject({ name: 'Train', title: 'Train #1', actor: 'github-actions[bot]' })
  world.actions.approve(held?.id as number)
  await world.actions.idle()
  const trained = world.actions.done.at(-1)
  expect([trained?.run.name, trained?.conclusion, trained?.gpu]).toEqual(['Train', 'success', true])
  expect(world.actions.done.filter(({ gpu }) => gpu)).toHaveLength(1)
}, 60_000)

test('a newer run of a group ends the one that runs', async () => {
  await using world = await localWorld({ ...files, '.github/workflows/train.yml': train })
  const dispatch = () =>
    world.call('POST', '/actions/workflows/train.yml/dispatches', { ref: 'main', inputs: { 'pull-request': '2' } })
  const started = Promise.withResolvers<void>()
  const first = await dispatch()
  expect(first.status).toBe(204)
  const poll = setInterval(() => world.actions.current()?.id && started.resolve(), 20)
  await started.promise
  clearInterval(poll)
  await dispatch()
  await dispatch()
  // The newest would sleep for a minute: a fourth run is not needed, it is ended as the world closes.
  while (world.actions.done.length < 2) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(world.actions.done.map(({ conclusion }) => conclusion)).toEqual(['cancelled', 'cancelled'])
}, 60_000)

test('a push to a proposal ends its training while that runs, by a workflow that may do nothing', async () => {
  const all = { '.github/workflows/supersede.yml': workflowText('supersede'), '.github/workflows/train.yml': train }
  await using world = await localWorld(all)
  await world.push('other', { 'note.txt': 'x' })
  await world.call('POST', '/pulls', { title: 'First', head: 'other', base: 'main' })
  await world.push('topic', { 'note.txt': 'topic\n' })
  await world.call('POST', '/pulls', { title: 'Topic', head: 'topic', base: 'main' })
  // It sleeps for a minute.
  const inputs = { 'pull-request': '2' }
  await world.call('POST', '/actions/workflows/train.yml/dispatches', { ref: 'main', inputs })
  while (world.actions.current() === null) await new Promise((resolve) => setTimeout(resolve, 50))
  await world.push('topic', { 'note.txt': 'topic again\n' })
  await world.actions.idle()
  expect(world.runs()).toEqual(['Train workflow_dispatch cancelled', 'Supersede pull_request success'])
  expect(world.actions.done.at(-1)?.permissions).toEqual({})
}, 60_000)

const tag = `name: Tag
on: { workflow_dispatch: null }
permissions: {}
jobs:
  tag:
    runs-on: ubuntu-latest
    environment: release
    steps:
      - id: app
        uses: ${appToken}
        with: { client-id: x, private-key: '\${{ secrets.SLUICE_APP_PRIVATE_KEY }}' }
      - run: ${JSON.stringify(post('/issues/1/comments', '{"body":"by the app"}'))}
        env: { TOKEN: '\${{ steps.app.outputs.token }}' }
`

test('what the App writes starts workflows, and only a job in its environment gets the App’s key', async () => {
  const note = commands.replace("if: startsWith(github.event.comment.body, '/sluice ')", 'if: true')
  const all = { ...files, '.github/workflows/tag.yml': tag, '.github/workflows/commands.yml': note }
  const loose = {
    ...all,
    '.github/workflows/loose.yml': tag.replace('    environment: release\n', '').replace('Tag', 'Loose'),
  }
  const secrets = { release: { SLUICE_APP_PRIVATE_KEY: 'a-key-that-is-long-enough-to-mask' } }
  await using world = await localWorld(loose, { secrets })
  await world.push('topic', { 'note.txt': 'topic\n' })
  await world.call('POST', '/pulls', { title: 'Topic', head: 'topic', base: 'main' })
  await world.call('POST', '/actions/workflows/tag.yml/dispatches', { ref: 'main' })
  await world.call('POST', '/actions/workflows/loose.yml/dispatches', { ref: 'main' })
  await world.actions.idle()
  const lines = world.runs()
  expect(lines).toContain('Tag workflow_dispatch success')
  expect(lines).toContain('Loose workflow_dispatch failure')
  // The report's comment is GITHUB_TOKEN's and starts nothing; the App's starts Commands once.
  expect(lines.filter((line) => line.startsWith('Commands'))).toEqual(['Commands issue_comment success'])
}, 60_000)

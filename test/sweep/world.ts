import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGit } from '../../src/adapters/git.ts'
import { type LocalForge, startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { channelYaml } from '../../src/core/rollout/channels.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { routerAt, serve } from '../core/rollout/scripted.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { assets, forgeAt, type Place, releaseOf, served } from './journey.ts'

const watch = watchForge()
/** A forge that begins a run for each that is asked for. */
async function open(root: string, dispatched: string[] = []): Promise<LocalForge> {
  const server = await startLocalForge({
    root,
    watch,
    stateFile: join(root, '.git/forge.json'),
    repository: 'acme/data',
    // The same time always, so that merges are the same commits.
    now: () => new Date('2026-11-22T12:00:00Z'),
    onEvent: ({ name, payload }) => {
      if (name !== 'workflow_dispatch') return
      const title = `Train #${(payload.inputs as Record<string, string>)['pull-request']}`
      dispatched.push(title)
      const headSha = execFileSync('git', ['rev-parse', 'main'], { cwd: root, encoding: 'utf8' }).trim()
      const at = { headSha, headBranch: 'main', headRepository: 'acme/data', actor: 'ada' }
      server.runs.start({ ...at, workflow: 'train.yml', name: 'Train', title, event: name, attempt: 1 })
    },
  })
  return server
}

/** A repository and a forge's state as a hard week left them: double comments, double drafts, half an asset. */
export async function makeTemplate(): Promise<{ root: string; head: string; base: string }> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-sweep-'))
  const git = createGit(root, { date: '2026-11-22T10:00:00Z' })
  await git.init('main')
  writeFileSync(join(root, 'b.txt'), 'one\n')
  mkdirSync(join(root, 'channels'))
  writeFileSync(join(root, 'channels/production.yaml'), channelYaml(served))
  const base = (await git.commit('first', ['b.txt', 'channels'])) as string
  await git.branch('proposal', 'main')
  await git.checkout('proposal')
  writeFileSync(join(root, 'b.txt'), 'two\n')
  const head = (await git.commit('second', ['b.txt'])) as string
  await git.tag('site@v1.0.0', base, 'Version v1.0.0', '2026-11-22T10:00:00Z')
  const server = await open(root)
  const forge = forgeAt(server.url)
  await forge.openPullRequest({ title: 'Two', body: '', head: 'proposal', base: 'main' })
  for (const run of [3, 4]) await raw(server, 'POST', '/issues/1/comments', { body: marked(run) })
  server.faults.push({ kind: 'broken-upload', method: 'POST', path: /assets$/, times: 1 })
  server.faults.push({ kind: 'read-only', method: 'DELETE', times: 99 })
  await forge.createRelease({ ...releaseOf('v1.0.0'), assets }).catch(() => {})
  const [draft] = (await raw(server, 'GET', '/releases')) as { tag_name: string; body: string }[]
  await raw(server, 'POST', '/releases', { tag_name: draft?.tag_name, body: draft?.body, draft: true })
  await server.close()
  return { root, head, base }
}

const marked = (run: number) => `<!-- sluice:pull-request run=${run}.1 -->\nold`

async function raw(server: LocalForge, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}/repos/acme/data${path}`, {
    method,
    headers: { authorization: 'token ghs_sweep' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return response.json()
}

/** A forge and a router of its own for one case, from the template; gone when disposed. */
export async function openWorld(template: Awaited<ReturnType<typeof makeTemplate>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sweep-'))
  const root = join(folder, 'repository')
  cpSync(template.root, root, { recursive: true })
  const dispatched: string[] = []
  const server = await open(root, dispatched)
  const router = await startRouter()
  const place: Place = {
    root,
    forgeUrl: server.url,
    routerUrl: router.url,
    stateFile: join(folder, 'rollout.json'),
    head: template.head,
    base: template.base,
    resumed: false,
  }
  return {
    place,
    /** Requests so far that changed something, of the forge and of the router. */
    mutations: () => server.requests.filter((line) => !line.startsWith('GET')).length + router.writes.length,
    /** What is left, without what may differ: ids, times, addresses, how often a look was taken. */
    leftBehind: async () => ({
      ...(await forgeLeft(server, template.head)),
      refs: execFileSync('git', ['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: root, encoding: 'utf8' }),
      router: { weight: router.status.weight, shadow: router.status.shadow, challenger: router.status.challenger },
      rollout: rolloutLeft(place.stateFile),
    }),
    dispatched,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await router.close()
      rmSync(folder, { recursive: true, force: true })
      watch.verify()
    },
  }
}

type Row = Record<string, unknown>
const pick = (row: Row, ...keys: string[]) => Object.fromEntries(keys.map((key) => [key, row[key]]))

async function forgeLeft(server: LocalForge, head: string) {
  const get = async (path: string) => (await raw(server, 'GET', path)) as Row[] & { check_runs: Row[] }
  const comments = (await get('/issues/1/comments')).map(({ body }) => body).sort()
  const { check_runs: runs } = await get(`/commits/${head}/check-runs?filter=all`)
  const checks = runs.map((run) => ({
    ...pick(run, 'name', 'conclusion', 'status', 'external_id'),
    output: pick(run.output as Row, 'title', 'summary', 'annotations_count'),
  }))
  const pulls = (await get('/pulls?state=all')).map((pull) =>
    pick(pull, 'number', 'title', 'state', 'merge_commit_sha'),
  )
  const releases = (await get('/releases')).map((release) => ({
    ...pick(release, 'tag_name', 'body', 'draft'),
    assets: (release.assets as Row[]).map((asset) => pick(asset, 'name', 'digest', 'state')),
  }))
  return { comments, checks, pulls, releases }
}

function rolloutLeft(file: string) {
  if (!existsSync(file)) return null
  return pick(JSON.parse(readFileSync(file, 'utf8')).body, 'phase', 'weight', 'pending')
}

/** The admin side of a server whose challenger does well: 120 requests are served between two looks. */
async function startRouter() {
  const random = seededRandom(7)
  const status = routerAt()
  status.challenger = { version: 'v1b', artifact: 'other', state: 'ready' }
  const writes: string[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (request.method === 'POST') {
      writes.push(request.url ?? '')
      const body = JSON.parse(text)
      if (request.url === '/sluice/weights') Object.assign(status, { weight: body.challenger, shadow: body.shadow })
      else status.challenger = { version: 'v2', artifact: body.artifact, state: 'ready' }
    } else serve(status, 120, {}, random)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, status, writes, close }
}

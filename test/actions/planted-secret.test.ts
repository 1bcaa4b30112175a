import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledActions } from '../../scripts/build-actions.ts'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { dvcError } from '../../src/adapters/dvc/explain.ts'
import { failed } from '../../src/adapters/git-environment.ts'
import { createForge } from '../../src/adapters/github.ts'
import { startLocalForge } from '../../src/adapters/local-forge/server.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { createConsole } from '../../src/cli/console.ts'
import { explain } from '../../src/cli/explain.ts'
import { dvcWorld } from '../adapters/dvc-world.ts'
import { watchForge } from '../github-description/watch-forge.ts'
import { builtActions, ended } from './built-actions.ts'
import { hostileWorld } from './hostile-world.ts'

const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const inner = 'MIIEplantedkeyAAAABBBBCCCCDDDD'
const planted = {
  token: 'planted-token-9f8e7d6c5b4a',
  key: `-----BEGIN RSA PRIVATE KEY-----\n${inner}\n-----END RSA PRIVATE KEY-----`,
  storage: 'planted+storage/secret+0123456789',
  password: 'planted-password-in-config',
}
/** What a job of a repository may have in its environment. */
const env = {
  SLUICE_APP_PRIVATE_KEY: planted.key,
  AWS_ACCESS_KEY_ID: 'AKIAPLANTEDPLANTED12',
  AWS_SECRET_ACCESS_KEY: planted.storage,
  GITHUB_TOKEN: planted.token,
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
/** Each secret as it is, in an address, in a header. */
const forms = [planted.token, inner, planted.storage, planted.password, env.AWS_ACCESS_KEY_ID].flatMap((secret) => [
  ...[secret, encodeURIComponent(secret), base64(secret), base64(`x-access-token:${secret}`), base64(`u:${secret}`)],
])
/** Names of texts that show a secret. */
const shown = (texts: Record<string, string>) =>
  Object.entries(texts)
    .filter(([, text]) => forms.some((form) => text.includes(form)))
    .map(([name]) => name)

let actions: Awaited<ReturnType<typeof builtActions>>
beforeAll(async () => {
  actions = await builtActions(...bundledActions())
})
afterAll(() => actions?.[Symbol.dispose]())

const textsIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))

/** A repository of a proposal with secrets beside it, and a git that notes how it is called. */
function secretWorld() {
  const world = hostileWorld({ files: ['a'], classes: ['helmet'], texts: ['b'], branch: 'topic' })
  mkdirSync(join(world.root, '.dvc'), { recursive: true })
  writeFileSync(
    join(world.root, '.dvc/config.local'),
    `['remote "far"']\n    user = u\n    password = ${planted.password}\n`,
  )
  world.git('config', 'core.excludesFile', '/dev/null')
  writeFileSync(join(world.root, '.git/info/exclude'), '.dvc\n')
  const [bin, log] = [join(world.folder, 'bin'), join(world.folder, 'called')]
  mkdirSync(bin)
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim()
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$*" >> ${log}\nexec ${git} "$@"\n`, { mode: 0o755 })
  writeFileSync(log, '')
  const called = () => readFileSync(log, 'utf8')
  return { ...world, path: `${bin}${delimiter}${process.env.PATH}`, called }
}

test('secrets of environment and configuration show in no log, page, check, comment, artefact, report or argument', async () => {
  using world = secretWorld()
  const pull = { number: 1, head: { ref: 'topic', sha: world.head }, base: { ref: 'main', sha: world.base } }
  const own = { ...env, PATH: world.path }
  const judged = await actions.run('dataset-qa', {
    ...{ root: world.root, eventName: 'pull_request', event: { pull_request: pull }, env: own },
    inputs: { path: 'data' },
  })
  const outputs = ['sarif', 'html', 'md', 'json'].flatMap((kind) => [`--${kind}`, join(world.folder, `out.${kind}`)])
  const checked = await ended(program, world.root, { ...own, HOME: world.folder, CI: 'true' }, [
    ...['check', 'data', '--base', 'main'],
    ...outputs,
  ])
  world.git('switch', '--quiet', 'main')
  const stateFile = join(world.folder, 'forge.json')
  const watch = watchForge()
  const server = await startLocalForge({ root: world.root, stateFile, repository: 'acme/data', watch })
  try {
    const forge = createForge({ apiUrl: server.url, repository: 'acme/data', token: planted.token })
    await forge.openPullRequest({ title: 'Topic', body: '', head: 'topic', base: 'main' })
    const of = { workflow: 'dataset-pr.yml', name: 'Data set', event: 'pull_request', actor: 'ada', attempt: 1 }
    const at = { headSha: world.head, headBranch: 'topic', headRepository: 'acme/data', title: 'Topic' }
    const run = server.runs.start({ ...of, ...at })
    const files = readdirSync(judged.evidence).map((path) => ({
      path,
      bytes: readFileSync(join(judged.evidence, path)),
    }))
    server.runs.keepArtifact(run.id, 'sluice-evidence', writeZip(files))
    server.runs.end(run.id, 'failure')
    const reported = await actions.run('report', {
      ...{ root: world.root, eventName: 'workflow_run' },
      event: { workflow_run: { id: run.id }, repository: { default_branch: 'main' } },
      inputs: { path: 'data', channel: 'production', 'github-token': planted.token },
      env: { ...own, GITHUB_API_URL: server.url, GITHUB_SERVER_URL: server.url },
    })
    // Each did its work: what is empty shows nothing.
    expect([judged.status, checked.status, reported.status], `${checked.printed}${reported.printed}`).toEqual([1, 1, 0])
    const state = readFileSync(stateFile, 'utf8')
    expect(state).toContain('sluice:pull-request')
    const made = Object.fromEntries(
      ['sarif', 'html', 'md', 'json'].map((kind) => [kind, readFileSync(join(world.folder, `out.${kind}`), 'utf8')]),
    )
    const said = { a: judged.printed, b: judged.output, c: judged.summary, d: checked.printed, e: reported.printed }
    const told = { ...said, f: reported.output, g: reported.summary, state, called: world.called() }
    expect(Object.values({ ...made, ...textsIn(judged.evidence) }).every((text) => text.length > 100)).toBe(true)
    expect(world.called()).toContain('cat-file')
    expect(shown({ ...told, ...made, ...textsIn(judged.evidence) })).toEqual([])
    watch.verify()
  } finally {
    await server.close()
  }
}, 120_000)

/** A forge that refuses everything, and throws the request's headers back at whoever asked. */
async function echoingForge(status: number) {
  const server = createServer((request, response) => {
    const message = `Bad credentials: ${JSON.stringify(request.headers)} ${request.headers.authorization}`
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
}

test.each(bundledActions())(
  'the action %s whose token is refused shows none of it, though the forge repeats it',
  async (name) => {
    using world = secretWorld()
    await using server = await echoingForge(401)
    const sha = world.head
    const event = {
      action: 'created',
      workflow_run: { id: 7 },
      issue: { number: 1, pull_request: {} },
      comment: { body: '/sluice retry', created_at: '2026-11-22T10:00:00Z', user: { login: 'ada' } },
      repository: { default_branch: 'main' },
    }
    const { status, printed, output, summary } = await actions.run(name, {
      ...{ root: world.root, event, eventName: 'workflow_dispatch' },
      inputs: {
        ...{ path: 'data', head: sha, base: world.base, 'pull-request': '1', channel: 'production', step: 'build' },
        ...{ model: 'worksite', version: 'v1.0.0', run: '7', seeds: '1', machines: '1', folder: '.', tag: 'a@v1.0.0' },
        ...{ 'gpu-hours-a-pull-request': '1', 'gpu-hours-a-month': '1', server: server.url, interval: '1' },
        ...{ verdict: 'a'.repeat(64), reason: 'because', owner: 'ada', comment: '1' },
        ...{ token: planted.token, 'github-token': planted.token },
      },
      env: { ...env, PATH: world.path, GITHUB_API_URL: server.url, GITHUB_SERVER_URL: server.url, GITHUB_SHA: sha },
    })
    // Those that ask the forge meet its refusal, and say so.
    const asks = ['report', 'commands', 'plan-training', 'release'].includes(name)
    if (asks) expect([status, printed]).toEqual([1, expect.stringContaining('Bad credentials: ')])
    expect(shown({ printed, output, summary, called: world.called() })).toEqual([])
  },
  60_000,
)

/** What a verb of the command line prints of an error, in an environment with the secrets. */
function printedOf(error: unknown): string {
  const [out, err] = [new PassThrough(), new PassThrough()] as unknown as [NodeJS.WriteStream, NodeJS.WriteStream]
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    explain(error, createConsole(out, err))
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
  return String((err as unknown as PassThrough).read() ?? '') + String((out as unknown as PassThrough).read() ?? '')
}

test.each([401, 403, 500])(
  'DVC that may not push (%i) to an address with credentials in it shows none of them',
  async (status) => {
    using world = dvcWorld()
    await using server = await echoingForge(status)
    const address = server.url.replace('//', `//u:${planted.password}@`)
    world.write(
      '.dvc/config',
      '[core]\n    remote = far\n    analytics = false\n[\'remote "far"\']\n    url = http://none.invalid\n',
    )
    const more = `    auth = basic\n    user = u\n    password = ${planted.password}\n`
    world.write('.dvc/config.local', `['remote "far"']\n    url = ${address}\n${more}`)
    world.write('data/x.txt', 'x\n')
    const dvc = createDvc(world.root)
    await dvc.add(['data/x.txt'])
    const error = (await dvc.push().then(
      () => null,
      (failure: unknown) => failure,
    )) as Error & { where?: string; mend?: string; command?: string; tail?: string }
    expect(error?.name).toBe('ToolError')
    const { name, message, where, mend, command, tail } = error
    expect(
      shown({ name, message, where: `${where}`, mend: `${mend}`, command: `${command}`, tail: `${tail}` }),
    ).toEqual([])
    const printed = printedOf(error)
    expect(printed).toContain('dvc push')
    expect(shown({ printed })).toEqual([])
  },
  120_000,
)

test('a configuration that does not hold is told without its secrets', async () => {
  using world = dvcWorld()
  world.write(
    '.dvc/config.local',
    `['remote "far"']\n    password ${planted.password}\n    password = ${planted.password}\n[`,
  )
  world.write('data/x.txt', 'x\n')
  const error = await createDvc(world.root)
    .add(['data/x.txt'])
    .then(
      () => null,
      (failure: Error) => failure,
    )
  expect(error).not.toBeNull()
  expect(shown({ printed: printedOf(error) })).toEqual([])
}, 60_000)

test('what DVC and git say of an address with credentials is kept and printed without them', () => {
  const address = `https://u:${planted.password}@dvc.example/store?X-Amz-Signature=${planted.storage}`
  const said = `ERROR: failed to push to ${address}\n403 Forbidden, Authorization: Basic ${base64(`u:${planted.password}`)}`
  for (const error of [
    dvcError(['push'], 1, said, null),
    failed(['fetch', address], new Error(`fatal: unable to access '${address}'`)),
  ] as (Error & { command?: string; tail?: string })[]) {
    const { message, command, tail } = error
    expect(`${tail}`).toContain('***@dvc.example')
    expect(shown({ message, command: `${command}`, tail: `${tail}`, printed: printedOf(error) })).toEqual([])
  }
})

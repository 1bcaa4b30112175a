import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { workTreeConfig } from '../../src/adapters/dvc/config.ts'
import { openIdentity } from '../../src/adapters/dvc/identity.ts'
import { startIdentityServer } from '../../src/adapters/local-actions/identity-server.ts'
import { openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { toolEnvironment } from '../../src/adapters/tools.ts'
import { md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { UnavailableError } from '../../src/core/errors.ts'
import { startS3 } from '../servers/s3.ts'
import { dvcWorld, png } from './dvc-world.ts'

const subject = 'repo:acme/data:environment:data'
const job = {
  ...{ repository: 'acme/data', ref: 'refs/pull/7/merge', sha: 'a'.repeat(40), event: 'pull_request', actor: 'alice' },
  ...{ run: 1, attempt: 1, workflow: 'Data set', file: 'dataset-pr.yml', environment: 'data' },
  pull: { head: 'more', base: 'main' },
}

let s3: Awaited<ReturnType<typeof startS3>>
let github: Awaited<ReturnType<typeof startIdentityServer>>
let account: Awaited<ReturnType<typeof s3.trust>>
let world: ReturnType<typeof dvcWorld>
let temp: string
const before = { ...process.env }

beforeAll(async () => {
  s3 = await startS3('private')
  github = await startIdentityServer()
  world = dvcWorld()
  const remote = `['remote "cloud"']\n    url = s3://private/a\n    endpointurl = ${s3.url}\n`
  world.write('.dvc/config', `[core]\n    remote = cloud\n${remote}`)
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  const track = (name: string) => {
    world.track('data/x/labels.dvc', 'labels', { '1.txt': `0 0.5 0.5 0.${name} 0.2\n` })
    world.track('data/x/images.dvc', 'images', { '1.png': png('1') })
  }
  track('2')
  world.commit('base')
  track('3')
  world.commit('head')
  const objects = readdirSync(world.store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { parentPath, name } of objects) {
    const file = join(parentPath, name)
    await s3.put(`a${file.slice(world.store.length)}`, new Uint8Array(readFileSync(file)))
  }
  account = await s3.trust({ issuer: github.url, audience: 'sts.amazonaws.com', subjects: [subject], writes: true })
}, 300_000)
afterAll(async () => {
  world?.[Symbol.dispose]()
  await github?.close()
  await s3?.[Symbol.asyncDispose]()
})

beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'sluice-identity-test-'))
  process.env.RUNNER_TEMP = temp
  process.env.AWS_EC2_METADATA_DISABLED = 'true'
  process.env.AWS_ENDPOINT_URL_STS = s3.url
  process.env.SLUICE_DVC_OIDC = `aws role=${account.role} region=us-east-1`
})
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  rmSync(temp, { recursive: true, force: true })
  rmSync(join(world.root, '.dvc/cache'), { recursive: true, force: true })
})

/** A job of the repository, as the environment of its steps says. */
const admit = (more: Partial<typeof job> = {}) =>
  Object.assign(process.env, github.admit({ ...job, ...more }).variables)
const read = () => openVersions('HEAD~1', 'HEAD:data/x', { cwd: world.root })
const refused = async () => {
  const error = await read().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UnavailableError)
  return error as UnavailableError
}
const asked = async () => (await s3.requests()).filter((line) => line.startsWith('AssumeRole'))

test('a private bucket is read by the role that trusts the job, and only DVC’s process is told how', async () => {
  admit()
  {
    await using versions = await read()
    expect([...versions.head.dataset.boxes.w]).toEqual([0.3])
    expect(versions.fetched.from).toBe('cloud')
    const first = github.given.length
    expect(first).toBeGreaterThan(0)
    // The token is a file that nobody else may read.
    const [folder = ''] = readdirSync(temp)
    expect(readdirSync(join(temp, folder))).toEqual(['token'])
    // A later fetch of the same process has a newer token.
    await versions.head.fetchImages(versions.head.dataset.images.map(({ file }) => file))
    expect(github.given.length).toBe(first + 1)
    expect(versions.head.dataset.images[0]).toMatchObject({ width: 1 })
  }
  expect(readdirSync(temp)).toEqual([])
  expect((await asked()).at(-1)).toBe('AssumeRoleWithWebIdentity given')
  expect(github.given.at(-1)?.claims).toMatchObject({ sub: subject, aud: 'sts.amazonaws.com', iss: github.url })
  expect(Object.keys(process.env).filter((name) => /^AWS_(ROLE|WEB)/.test(name))).toEqual([])
  // What we start for other work cannot ask for a token either.
  expect(toolEnvironment().ACTIONS_ID_TOKEN_REQUEST_TOKEN).toBeUndefined()
}, 120_000)

test('a fetch that takes long has a newer token all along', async () => {
  admit()
  const identity = openIdentity(workTreeConfig(world.root), 'cloud', 20)
  const file = identity?.variables.AWS_WEB_IDENTITY_TOKEN_FILE ?? ''
  const seen = new Set<string>()
  await identity?.during(async () => {
    while (seen.size < 3) {
      seen.add(readFileSync(file, 'utf8'))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  expect([...seen]).toEqual(identity?.tokens.slice(0, 3))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  identity?.close()
}, 60_000)

test('what DVC itself pushes and pulls, as for a promotion, goes out and comes in under the same identity', async () => {
  const dvc = createDvc(world.root)
  world.write('models/m/v1/model.onnx', 'a model')
  const pointers = await dvc.add(['models/m/v1'])
  await expect(dvc.push(pointers)).rejects.toThrow('GitHub gives this run no identity')
  admit()
  await dvc.push(pointers)
  const object = objectPath(md5Of(Buffer.from('a model')))
  expect(await s3.requests()).toContain(`PUT /private/a/${object}`)
  expect(readdirSync(temp)).toEqual([])
  for (const path of ['.dvc/cache', 'models/m/v1']) rmSync(join(world.root, path), { recursive: true })
  await dvc.pull(pointers)
  expect(readFileSync(join(world.root, 'models/m/v1/model.onnx'), 'utf8')).toBe('a model')
  rmSync(join(world.root, 'models'), { recursive: true })
}, 120_000)

test('a run that GitHub gives no identity, as a fork’s, finds the objects unavailable and asks nobody', async () => {
  const before = (await s3.requests()).length
  const { message, mend } = await refused()
  expect(message).toBe(
    'objects unavailable: the remote "cloud" wants to know who asks, and GitHub gives this run no identity',
  )
  expect(mend).toContain('id-token: write')
  expect((await s3.requests()).length).toBe(before)
}, 60_000)

test('a job that the role does not trust, a token of another issuer and a wrong setting find them unavailable too', async () => {
  admit({ environment: '' })
  expect((await refused()).message).toMatch(
    /^objects unavailable: the remote "cloud" refuses access: .*Not authorized to perform/,
  )
  const other = await startIdentityServer()
  Object.assign(process.env, other.admit(job).variables)
  expect((await refused()).message).toMatch(/refuses access: .*No OpenIDConnect provider/)
  await other.close()
  expect((await refused()).message).toMatch(/^objects unavailable: GitHub gave no identity .*cannot be reached$/)
  process.env.SLUICE_DVC_OIDC = 'aws role=dvc-read region=us-east-1'
  expect((await refused()).message).toMatch(/since SLUICE_DVC_OIDC is wrong: "role" has a value of another form$/)
}, 120_000)

test('a token whose claims were changed after it was signed is given no role', async () => {
  admit({ environment: 'other' })
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = process.env
  const ask = await fetch(`${url}&audience=sts.amazonaws.com`, { headers: { authorization: `Bearer ${secret}` } })
  const [header, claims = '', signature] = ((await ask.json()) as { value: string }).value.split('.')
  const said = Buffer.from(claims, 'base64url').toString('utf8')
  const changed = Buffer.from(said.replace('environment:other', 'environment:data')).toString('base64url')
  const form = { Action: 'AssumeRoleWithWebIdentity', RoleArn: account.role, RoleSessionName: 'x' }
  const answers = [claims, changed].map(async (part) => {
    const body = new URLSearchParams({ ...form, WebIdentityToken: `${header}.${part}.${signature}` })
    return (await fetch(s3.url, { method: 'POST', body })).text()
  })
  const [whole, forged] = await Promise.all(answers)
  expect(whole).toContain('<Code>AccessDenied</Code>')
  expect(forged).toContain('<Code>InvalidIdentityToken</Code>')
}, 60_000)

test('a key that a job has as a secret is read as DVC’s config.local is, and given to DVC alone', async () => {
  delete process.env.SLUICE_DVC_OIDC
  expect((await refused()).message).toMatch(/refuses access: NoCredentialsError/)
  const keys = `access_key_id = ${account.key}\n    secret_access_key = ${account.secret}\n`
  process.env.SLUICE_DVC_CONFIG = `['remote "cloud"']\n    ${keys}`
  await using versions = await read()
  expect([...versions.head.dataset.boxes.w]).toEqual([0.3])
  expect(toolEnvironment().SLUICE_DVC_CONFIG).toBeUndefined()
}, 120_000)

test('a remote that a proposal names in place of the base’s is sent no token, no key and no password', async () => {
  const seen: string[] = []
  const hostile = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'nothing'}`)
    response.writeHead(404).end()
  })
  await new Promise<void>((done) => hostile.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`
  const config = readFileSync(join(world.root, '.dvc/config'), 'utf8')
  admit()
  process.env.GITHUB_EVENT_NAME = 'pull_request'
  process.env.SLUICE_DVC_CONFIG = `['remote "cloud"']\n    auth = basic\n    user = robot\n    password = hunter22-planted\n`
  try {
    // The head says where the objects are said to be; the base's word counts.
    world.write('.dvc/config', config.replace(s3.url, url))
    world.git('commit', '--quiet', '-am', 'hostile endpoint')
    delete process.env.SLUICE_DVC_CONFIG
    {
      await using versions = await openVersions('HEAD~2', 'data/x', { cwd: world.root })
      expect([...versions.head.dataset.boxes.w]).toEqual([0.3])
    }
    expect(seen).toEqual([])
    // Where no base is named, nothing of this job is given to what the work tree names.
    const given = github.given.length
    rmSync(join(world.root, '.dvc/cache'), { recursive: true })
    await openDataset('data/x', { cwd: world.root }).catch(() => {})
    expect(github.given.length).toBe(given)
    process.env.SLUICE_DVC_CONFIG = `['remote "cloud"']\n    auth = basic\n    user = robot\n    password = hunter22-planted\n`
    world.write('.dvc/config', `[core]\n    remote = cloud\n['remote "cloud"']\n    url = ${url}\n`)
    await openDataset('data/x', { cwd: world.root }).catch(() => {})
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((line) => !line.endsWith(' nothing'))).toEqual([])
  } finally {
    hostile.close()
    world.git('reset', '--quiet', '--hard', 'HEAD~1')
  }
}, 120_000)

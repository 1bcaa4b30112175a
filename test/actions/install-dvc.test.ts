import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identityVariables, parseCloudIdentity } from '../../src/core/documents/cloud-identity.ts'
import { builtActions } from './built-actions.ts'
import { password, privateWorld } from './private-remote.ts'

let actions: Awaited<ReturnType<typeof builtActions>>
let temp: string
beforeAll(async () => {
  actions = await builtActions('dataset-qa')
  temp = mkdtempSync(join(tmpdir(), 'sluice-clouds-'))
  // The installer of Python packages is here already; what it installs goes into the action's own folder.
  const uv = fileURLToPath(new URL('../../.tools/uv', import.meta.url))
  mkdirSync(join(actions.folder, '.tools'))
  if (existsSync(uv)) symlinkSync(uv, join(actions.folder, '.tools/uv'))
})
afterAll(() => {
  actions?.[Symbol.dispose]()
  rmSync(temp, { recursive: true, force: true })
})
const python = () => join(actions.folder, '.tools/dvc/bin/python')
const setting = (text: string) => {
  const identity = parseCloudIdentity(text)
  if (!identity) throw new Error('no identity')
  const files = { token: join(temp, 'token'), settings: join(temp, 'settings.json') }
  writeFileSync(files.token, 'header.claims.signature')
  return { files, ...identityVariables(identity, files) }
}

test('a job on a machine without DVC installs it by hash, when it is needed, and reads with the key that is its secret', async () => {
  await using world = await privateWorld(actions)
  // How this machine reaches its registry, and what it has of it already.
  const reach = Object.entries(process.env).filter(([name]) => /^(?:UV_|PIP_|SSL_CERT|\w+_PROXY$)/i.test(name))
  const env = { ...Object.fromEntries(reach), HOME: homedir(), SLUICE_TOOLS: '', GITHUB_ACTIONS: 'true' }
  const config = `['remote "far"']\n    auth = basic\n    user = reader\n    password = ${password}\n`
  const { printed, evidence, output } = await world.judge({ env: { ...env, SLUICE_DVC_CONFIG: config } })
  const findings = JSON.parse(readFileSync(join(evidence, 'findings.json'), 'utf8'))
  expect(findings.body.scope).toMatchObject({ images: 2, boxes: 2, imagesRead: 1 })
  expect(existsSync(python())).toBe(true)
  for (const text of [printed, output, readFileSync(join(evidence, 'run.json'), 'utf8')])
    expect(text).not.toContain(password)
}, 300_000)

test('a remote that the Python tools do not read is read by what was installed for it: WebDAV, with a password', async () => {
  symlinkSync(fileURLToPath(new URL('../../.tools/python', import.meta.url)), join(actions.folder, '.tools/python'))
  await using world = await privateWorld(actions, 'webdav')
  const config = `['remote "far"']\n    user = reader\n    password = ${password}\n`
  const env = { SLUICE_TOOLS: '', GITHUB_ACTIONS: 'true' }
  const wrong = await world.judge({ env: { ...env, SLUICE_DVC_CONFIG: config.replace(password, 'wrong-one') } })
  expect(wrong.printed).toMatch(/^::error::objects unavailable: the remote "far" /)
  const { evidence } = await world.judge({ env: { ...env, SLUICE_DVC_CONFIG: config } })
  const findings = JSON.parse(readFileSync(join(evidence, 'findings.json'), 'utf8'))
  expect(findings.body.scope).toMatchObject({ images: 2, boxes: 2, imagesRead: 1 })
}, 120_000)

test('Google’s library reads the external account, and shows the token to Google for the provider that it names', async () => {
  const asked: string[] = []
  const google = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push(`${request.url} ${request.headers.authorization ?? ''} ${decodeURIComponent(body)}`)
    const later = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`
    const of =
      request.url === '/v1/token' ? { access_token: 'federated' } : { accessToken: 'reader', expireTime: later }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...of, token_type: 'Bearer', expires_in: 3600 }))
  })
  await new Promise<void>((done) => google.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(google.address() as AddressInfo).port}`
  const provider = 'projects/1/locations/global/workloadIdentityPools/github/providers/sluice'
  const { settings, variables, files } = setting(`google provider=${provider} account=r@acme.iam.gserviceaccount.com`)
  const here = (settings ?? '').replaceAll(/https:\/\/(?:sts|iamcredentials)\.googleapis\.com/g, url)
  writeFileSync(files.settings, here)
  const program = `import google.auth
from google.auth import external_account
external_account.Credentials.get_project_id = lambda self, request: "acme"
from google.auth.transport.requests import Request
credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/devstorage.read_only"])
credentials.refresh(Request())
print(credentials.token)`
  const { stdout } = await execa(python(), ['-c', program], { env: variables })
  google.close()
  expect(stdout).toBe('reader')
  expect(asked).toHaveLength(2)
  expect(asked[0]).toContain(`audience=//iam.googleapis.com/${provider}`)
  expect(asked[0]).toContain('subject_token=header.claims.signature')
  expect(asked[1]).toMatch(
    /^\/v1\/projects\/-\/serviceAccounts\/r@acme\.iam\.gserviceaccount\.com:generateAccessToken Bearer federated /,
  )
}, 60_000)

test('DVC’s Azure remote shows the token of the file, and is not whoever is signed in on the machine', async () => {
  const id = '11111111-2222-3333-4444-555555555555'
  const { variables } = setting(`azure client=${id} tenant=${id}`)
  const program = `from dvc_azure import AzureFileSystem
chain = AzureFileSystem(url="azure://data", account_name="acme").fs_args["credential"].credentials
names = [type(one).__name__ for one in chain]
print(*names[:2], chain[1]._get_service_account_token(), [name for name in names if "Cli" in name or "Shell" in name])`
  const { stdout } = await execa(python(), ['-c', program], { env: variables })
  // The first one wants a secret, which is not there.
  expect(stdout).toBe('EnvironmentCredential WorkloadIdentityCredential header.claims.signature []')
}, 60_000)

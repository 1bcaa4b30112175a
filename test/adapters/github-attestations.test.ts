import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createForge } from '../../src/adapters/github.ts'
import { ToolError } from '../../src/core/errors.ts'

const digest = 'a'.repeat(64)
const seen: { path: string; authorization: string | undefined }[] = []
let url = ''
let listed: unknown[] = []
let stored: { status: number; body: Uint8Array | string } = { status: 200, body: '{}' }

/** GitHub's list, and its storage at an address of its own. */
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://x').pathname
  seen.push({ path, authorization: request.headers.authorization })
  if (path !== '/stored')
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ attestations: listed }))
  return response.writeHead(stored.status, { 'content-type': 'application/x-snappy' }).end(stored.body)
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const ask = () =>
  createForge({ apiUrl: url, repository: 'acme/data', token: 'ghs_secret', pauseMs: 1 }).attestations(digest)
const refusal = () =>
  ask().then(
    () => 'taken',
    (error: unknown) => (error instanceof ToolError ? error.message : `no ToolError: ${error}`),
  )

test('a bundle at an address of its own is unpacked, and the storage never sees the token', async () => {
  seen.length = 0
  listed = [{ bundle: null, bundle_url: `${url}/stored` }, { bundle: { inline: true } }, { bundle: null }]
  // {"a":1} as a block of Snappy: seven bytes, one literal of seven.
  stored = { status: 200, body: Buffer.from(`0718${Buffer.from('{"a":1}').toString('hex')}`, 'hex') }
  expect(await ask()).toEqual([{ a: 1 }, { inline: true }])
  expect(seen).toEqual([
    { path: `/repos/acme/data/attestations/sha256%3A${digest}`, authorization: 'token ghs_secret' },
    { path: '/stored', authorization: undefined },
  ])
  stored = { status: 200, body: '{"plain":true}' }
  expect(await ask()).toEqual([{ plain: true }, { inline: true }])
})

test('what the storage should not answer, and addresses elsewhere, end with a tool’s error', async () => {
  listed = [{ bundle_url: `${url}/stored` }]
  stored = { status: 404, body: '' }
  expect(await refusal()).toMatch(/^could not fetch an attestation/)
  stored = { status: 503, body: '' }
  expect(await refusal()).toMatch(/^could not fetch an attestation/)
  stored = { status: 200, body: '{"half":' }
  expect(await refusal()).toBe('an attestation is no JSON')
  stored = { status: 200, body: new Uint8Array(5 * 2 ** 20).fill(0x7b) }
  expect(await refusal()).toMatch(/^an attestation has more than \d+ bytes$/)
  stored = { status: 200, body: new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f]) }
  expect(await refusal()).toMatch(/^an attestation has 4294967295 bytes, more than \d+$/)
  for (const address of ['http://169.254.169.254/latest', 'file:///etc/passwd', 'nonsense']) {
    listed = [{ bundle_url: address }]
    expect(await refusal()).toBe('an attestation has no https address')
  }
})

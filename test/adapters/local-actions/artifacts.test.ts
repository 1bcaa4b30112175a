import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { startArtifactServer, type Uploaded } from '../../../src/adapters/local-actions/artifact-server.ts'
import { readZip, writeZip } from '../../../src/adapters/zip.ts'

const standIn = (name: string) =>
  fileURLToPath(new URL(`../../../src/adapters/local-actions/stand-ins/${name}-process.ts`, import.meta.url))
const tokenOf = (run: string, job: string) =>
  `x.${Buffer.from(JSON.stringify({ scp: `Actions.Results:${run}:${job}` })).toString('base64url')}.x`

async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-artifacts-'))
  const kept: Uploaded[] = []
  const server = await startArtifactServer({ keep: (artifact) => kept.push(artifact) })
  const act = (name: string, inputs: Record<string, string>, env: Record<string, string> = {}) =>
    execa(process.execPath, [standIn(name)], {
      cwd: folder,
      reject: false,
      extendEnv: false,
      env: {
        ACTIONS_RESULTS_URL: `${server.url}/`,
        ACTIONS_RUNTIME_TOKEN: tokenOf('7', 'judge'),
        ...Object.fromEntries(Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
        ...env,
      },
    })
  const call = async (method: string, body: object, token = tokenOf('7', 'judge')) => {
    const url = `${server.url}/twirp/github.actions.results.api.v1.ArtifactService/${method}`
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const write = (path: string, content: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const close = async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, kept, server, act, call, write, [Symbol.asyncDispose]: close }
}

test('what one job keeps, another one of the run takes; a job of another run does not see it', async () => {
  await using at = await world()
  at.write('evidence/run.json', '{}')
  at.write('evidence/sub/b.txt', 'b')
  const up = await at.act('upload-artifact', { name: 'sluice-evidence', path: 'evidence' })
  expect(up.stdout, up.stderr).toContain('kept sluice-evidence: 2 files')
  expect(at.kept.map(({ run, name }) => [run, name])).toEqual([['7', 'sluice-evidence']])
  const paths = readZip(at.kept[0]?.zip as Buffer, { entries: 9, bytes: 99 }).map(({ path }) => path)
  expect(paths).toEqual(['run.json', 'sub/b.txt'])

  const down = await at.act('download-artifact', { name: 'sluice-evidence', path: 'one' })
  expect(down.exitCode, down.stdout).toBe(0)
  expect(readFileSync(join(at.folder, 'one/sub/b.txt'), 'utf8')).toBe('b')
  await at.act('download-artifact', { pattern: 'sluice-*', path: 'many' })
  expect(readFileSync(join(at.folder, 'many/sluice-evidence/run.json'), 'utf8')).toBe('{}')

  const other = { ACTIONS_RUNTIME_TOKEN: tokenOf('8', 'judge') }
  const missed = await at.act('download-artifact', { name: 'sluice-evidence' }, other)
  expect([missed.exitCode, missed.stdout]).toEqual([1, expect.stringContaining('Artifact not found')])
})

test('a name is taken once a run, and a path without files fails where the workflow says so', async () => {
  await using at = await world()
  at.write('a.json', '{}')
  expect((await at.act('upload-artifact', { name: 'a', path: 'a.json' })).exitCode).toBe(0)
  const second = await at.act('upload-artifact', { name: 'a', path: 'a.json' })
  expect([second.exitCode, second.stdout]).toEqual([1, expect.stringContaining('409')])
  const none = { name: 'b', path: 'nothing' }
  expect((await at.act('upload-artifact', none)).exitCode).toBe(0)
  expect((await at.act('upload-artifact', { ...none, 'if-no-files-found': 'error' })).exitCode).toBe(1)
  expect(at.kept).toHaveLength(1)
})

test('the service speaks the protocol: blocks in the order of their list, sizes and digests that must be right', async () => {
  await using at = await world()
  const ids = { workflow_run_backend_id: '7', workflow_job_run_backend_id: 'j' }
  const made = await at.call('CreateArtifact', { ...ids, name: 'big', version: 7, mime_type: 'application/zip' })
  const url = made.body.signed_upload_url as string
  const zip = writeZip([{ path: 'a', bytes: new Uint8Array(Buffer.from('a'.repeat(1000))) }])
  const put = (query: string, body: Uint8Array<ArrayBuffer> | string) =>
    fetch(`${url}&${query}`, { method: 'PUT', body })
  // The later block arrives first.
  await put('comp=block&blockid=Mg%3D%3D', new Uint8Array(zip.subarray(50)))
  await put('comp=block&blockid=MQ%3D%3D', new Uint8Array(zip.subarray(0, 50)))
  const list = '<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>'
  expect((await put('comp=blocklist', list)).status).toBe(201)
  expect((await at.call('ListArtifacts', ids)).body).toEqual({ artifacts: [] })
  const end = { ...ids, name: 'big', size: String(zip.length) }
  expect((await at.call('FinalizeArtifact', { ...end, size: '1' })).status).toBe(400)
  expect((await at.call('FinalizeArtifact', { ...end, hash: 'sha256:00' })).status).toBe(400)
  expect(at.kept).toEqual([])
  expect((await at.call('FinalizeArtifact', end)).body).toMatchObject({ ok: true })
  expect(at.kept[0]?.zip).toEqual(zip)
  const camel = { workflowRunBackendId: '7', nameFilter: 'big' }
  expect((await at.call('ListArtifacts', camel)).body.artifacts).toMatchObject([{ name: 'big', database_id: '1' }])
  expect((await at.call('ListArtifacts', ids, '')).status).toBe(401)
  expect((await at.call('DeleteArtifact', { ...ids, name: 'big' })).body).toMatchObject({ ok: true })
  expect((await at.call('GetSignedArtifactURL', { ...ids, name: 'big' })).status).toBe(404)
})

test('another run’s artefacts are taken through REST, with the token that the step was given', async () => {
  await using at = await world()
  const zip = writeZip([{ path: 'weights.onnx', bytes: new Uint8Array([1, 2, 3]) }])
  const seen: string[] = []
  const rest = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`)
    if (request.url?.startsWith('/repos/acme/data/actions/runs/41/artifacts')) {
      const archive = { name: 'arm-candidate-0', archive_download_url: `http://${request.headers.host}/zip/1` }
      return response.end(JSON.stringify({ total_count: 1, artifacts: [archive] }))
    }
    return request.url === '/zip/1' ? response.end(zip) : response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', resolve))
  const env = {
    GITHUB_API_URL: `http://127.0.0.1:${(rest.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: 'acme/data',
  }
  const inputs = { pattern: 'arm-*', path: 'arms', 'run-id': '41', 'github-token': 'ghs_job' }
  const took = await at.act('download-artifact', inputs, env)
  const none = await at.act('download-artifact', { ...inputs, 'run-id': '42' }, env)
  rest.closeAllConnections()
  await new Promise((resolve) => rest.close(resolve))
  expect(took.exitCode, took.stdout).toBe(0)
  expect([...readFileSync(join(at.folder, 'arms/arm-candidate-0/weights.onnx'))]).toEqual([1, 2, 3])
  expect(seen[0]).toMatch(/Bearer ghs_job$/)
  expect([none.exitCode, none.stdout]).toEqual([1, expect.stringContaining('404')])
})

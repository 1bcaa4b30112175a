import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import {
  type ForgeEvent,
  type JobToken,
  type LocalForgeOptions,
  startLocalForge,
} from '../../src/adapters/local-forge/server.ts'
import type { Annotation } from '../../src/ports.ts'
import { watchForge } from '../github-description/watch-forge.ts'

/** A repository with main and a branch "proposal", a forge on it, and its client; all gone when disposed. */
export async function forgeWorld(options: Partial<LocalForgeOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-forge-'))
  const stateFile = join(root, '.git/forge.json')
  const git = createGit(root, { date: '2026-11-22T10:00:00Z' })
  await git.init('main')
  const write = (path: string, content: string) => writeFileSync(join(root, path), content)
  write('a.txt', 'one\n')
  const first = (await git.commit('first', ['a.txt'])) as string
  await git.branch('proposal', 'main')
  await git.checkout('proposal')
  write('b.txt', 'two\n')
  const head = (await git.commit('second', ['b.txt'])) as string
  const events: ForgeEvent[] = []
  const onEvent = (event: ForgeEvent) => void events.push(event)
  const watch = watchForge()
  const server = await startLocalForge({ root, stateFile, repository: 'acme/data', onEvent, watch, ...options })
  const job = (token: JobToken) => server.jobTokens.push(token)
  const clientWith = (token: string, more: object = {}) =>
    createForge({ apiUrl: server.url, repository: 'acme/data', token, pauseMs: 5, ...more })
  const raw = async (method: string, path: string, body?: unknown, token = 'ghs_test') => {
    const response = await fetch(`${server.url}/repos/acme/data${path}`, {
      method,
      headers: { ...(token ? { authorization: `token ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
  }
  return {
    root,
    stateFile,
    git,
    write,
    first,
    head,
    server,
    events,
    job,
    forge: clientWith('ghs_test'),
    clientWith,
    raw,
    plain: (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim(),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(root, { recursive: true, force: true })
      watch.verify()
    },
  }
}
export type ForgeWorld = Awaited<ReturnType<typeof forgeWorld>>

export const request = { title: 'Add b', body: 'More', head: 'proposal', base: 'main' }
export const annotations = (count: number, word = 'box'): Annotation[] =>
  Array.from({ length: count }, (_, i) => ({
    path: 'b.txt',
    line: i + 1,
    level: 'warning',
    message: `${word} ${i}`,
    title: 't',
  }))
export const checkOf = (world: ForgeWorld, count: number, word?: string) => ({
  name: 'sluice / data set',
  sha: world.head,
  conclusion: 'failure' as const,
  title: '3 errors',
  summary: 'They are listed.',
  annotations: annotations(count, word),
})
export const tagged = { tag: 'model@v1.0.0', message: 'Version 1.0.0', date: '2026-11-22T10:00:00Z' }
export const release = { tag: 'model@v1.0.0', name: 'v1.0.0', body: 'notes' }
export const assets = [
  { name: 'model.onnx', bytes: new Uint8Array(3000).fill(7), type: 'application/octet-stream' },
  { name: 'model.json', bytes: new TextEncoder().encode('{}'), type: 'application/json' },
]
export const writes = (world: ForgeWorld) => world.server.requests.filter((line) => !line.startsWith('GET')).length
/** What a call that protects a branch must name, and leaves open. */
export const unprotected = { enforce_admins: null, required_pull_request_reviews: null, restrictions: null }

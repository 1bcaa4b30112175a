import { readFileSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { dvcWorld, png } from '../adapters/dvc-world.ts'
import type { builtActions } from './built-actions.ts'

export const password = 'hunter22-planted-secret'
const allowed = `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`

/** A DVC remote that gives its objects to those who know the password, and to nobody else. */
async function privateRemote(store: string) {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    const { authorization = '' } = incoming.headers
    asked.push(`${incoming.method} ${authorization === allowed ? 'known' : 'stranger'}`)
    const [file, path] = [join(store, new URL(incoming.url ?? '/', 'http://x').pathname), incoming.url ?? '/']
    if (authorization !== allowed) return void response.writeHead(401).end('who are you?')
    try {
      if (incoming.method === 'PROPFIND') return void response.writeHead(207, xml).end(listed(path, statSync(file)))
      response.writeHead(200).end(readFileSync(file))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
}

const xml = { 'content-type': 'application/xml; charset=utf-8' }

/** What WebDAV says of a file or folder. */
function listed(path: string, stat: Stats): string {
  const kind = stat.isDirectory() ? '<d:collection/>' : ''
  const facts = `<d:resourcetype>${kind}</d:resourcetype><d:getcontentlength>${stat.size}</d:getcontentlength>`
  const propstat = `<d:propstat><d:prop>${facts}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>`
  return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>${path}</d:href>${propstat}</d:response></d:multistatus>`
}

/** A proposal of one image and its label, all of it in a private remote. */
export async function privateWorld(actions: Awaited<ReturnType<typeof builtActions>>, scheme = 'http') {
  const world = dvcWorld()
  const remote = await privateRemote(world.store)
  world.write(
    '.dvc/config',
    `[core]\n    remote = far\n['remote "far"']\n    url = ${remote.url.replace('http', scheme)}\n`,
  )
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  world.write('gates/dataset.yaml', 'name: dataset\nrules:\n  image-unreadable: { severity: off }\n')
  const track = (names: string[]) => {
    world.track(
      'data/x/labels.dvc',
      'labels',
      Object.fromEntries(names.map((n) => [`${n}.txt`, `0 0.5 0.5 0.${n} 0.2\n`])),
    )
    world.track('data/x/images.dvc', 'images', Object.fromEntries(names.map((n) => [`${n}.png`, png(n)])))
  }
  track(['1'])
  const base = world.commit('base')
  track(['1', '2'])
  const head = world.commit('head')
  const pull = { number: 1, head: { ref: 'x', sha: head }, base: { ref: 'main', sha: base } }
  const judge = (more: object = {}) =>
    actions.run('dataset-qa', {
      ...{ root: world.root, eventName: 'pull_request', event: { pull_request: pull }, inputs: { path: 'data/x' } },
      ...more,
    })
  /** What a maintainer's machine has beside the repository. */
  const know = () =>
    writeFileSync(
      join(world.root, '.dvc/config.local'),
      `['remote "far"']\n    auth = basic\n    user = reader\n    password = ${password}\n`,
    )
  const dispose = async () => {
    await remote[Symbol.asyncDispose]()
    world[Symbol.dispose]()
  }
  return { ...world, remote, base, head, judge, know, [Symbol.asyncDispose]: dispose }
}

import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { dvcWorld, png } from '../adapters/dvc-world.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { builtActions } from './built-actions.ts'

const password = 'hunter22-planted-secret'
const allowed = `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`

let actions: Awaited<ReturnType<typeof builtActions>>
beforeAll(async () => {
  actions = await builtActions('dataset-qa')
})
afterAll(() => actions?.[Symbol.dispose]())

/** A DVC remote that gives its objects to those who know the password, and to nobody else. */
async function privateRemote(store: string) {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    const { authorization = '' } = incoming.headers
    asked.push(`${incoming.method} ${authorization === allowed ? 'known' : 'stranger'}`)
    if (authorization !== allowed) return void response.writeHead(401).end('who are you?')
    try {
      response.writeHead(200).end(readFileSync(join(store, new URL(incoming.url ?? '/', 'http://x').pathname)))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) }
}

/** A proposal of one image and its label, all of it in a private remote. */
async function privateWorld() {
  const world = dvcWorld()
  const remote = await privateRemote(world.store)
  world.write('.dvc/config', `[core]\n    remote = far\n['remote "far"']\n    url = ${remote.url}\n`)
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

test('a run without credentials says that objects are unavailable, and is held; with them the same commit is judged', async () => {
  await using world = await privateWorld()
  const { status, printed, output, evidence } = await world.judge()
  expect(status).toBe(1)
  expect(printed).toMatch(/^::error::objects unavailable: the remote "far" refuses access: /)
  expect(world.remote.asked.some((line) => line.endsWith('stranger'))).toBe(true)
  expect(output).toMatch(/verdict<<(\S+)\ninconclusive\n\1/)
  const { body } = JSON.parse(readFileSync(join(evidence, 'run.json'), 'utf8'))
  expect(body).toMatchObject({ family: 'data set', headSha: world.head, baseSha: world.base, verdict: 'inconclusive' })
  expect(body.reason).toMatch(/^objects unavailable: /)

  world.know()
  const known = await world.judge()
  const findings = JSON.parse(readFileSync(join(known.evidence, 'findings.json'), 'utf8'))
  expect(findings.body.scope).toMatchObject({ images: 2, boxes: 2, imagesRead: 1 })
  expect(known.printed).not.toContain('objects unavailable')
}, 120_000)

test('a fork’s check waits and says so, until somebody who may write has it judged', async () => {
  await using data = await privateWorld()
  const { evidence } = await data.judge()
  await using world = await forgeWorld()
  await world.git.checkout('main')
  world.plain('update-ref', 'refs/forks/eve/proposal', world.head)
  await world.raw('POST', '/pulls', { title: request.title, head: 'eve:proposal', base: 'main' })
  const of = { workflow: 'dataset-pr.yml', name: 'Data set', actor: 'eve', attempt: 1 }
  const report = async (
    run: { event: string; title: string; headSha: string; headBranch: string; headRepository: string },
    folder: string,
  ) => {
    const { id } = world.server.runs.start({ ...of, ...run })
    const bytes = readFileSync(join(folder, 'run.json'))
    world.server.runs.keepArtifact(id, 'sluice-evidence', writeZip([{ path: 'run.json', bytes }]))
    world.server.runs.end(id, 'failure')
    const ports = { forge: world.forge, git: world.git, fetchHead: async () => {}, readArchive: readEvidenceArchive }
    const about = {
      repository: 'acme/data',
      defaultBranch: 'main',
      path: 'data/x',
      channel: 'production',
      today: '2026-11-22',
    }
    return reportRun(ports, { run: id, ...about })
  }
  const fork = { event: 'pull_request', headSha: world.head, headBranch: 'proposal', headRepository: 'eve/data' }
  const held = await report({ ...fork, title: 'x' }, evidence)
  expect(held).toMatchObject({ conclusion: 'action_required', pullRequest: 1 })
  expect(held?.title).toMatch(/^inconclusive: objects unavailable: /)
  const body = (await world.raw('GET', '/issues/1/comments')).body[0].body as string
  expect(body).toContain('objects unavailable')
  expect(body).toContain('/sluice retry')
}, 120_000)

test('the password of a remote shows nowhere, whether it is right or wrong', async () => {
  await using world = await privateWorld()
  const wrong = 'wrong-planted-secret'
  for (const [user, secret] of [
    ['reader', password],
    ['reader', wrong],
  ]) {
    const address = world.remote.url.replace('//', `//${user}:${secret}@`)
    writeFileSync(
      join(world.root, '.dvc/config.local'),
      `['remote "far"']\n    url = ${address}\n    auth = basic\n    user = ${user}\n    password = ${secret}\n`,
    )
    const { printed, output, summary, evidence } = await world.judge({ env: { REMOTE_PASSWORD: secret } })
    const left = readFileSync(join(evidence, 'run.json'), 'utf8')
    for (const text of [printed, output, summary, left]) {
      for (const form of [secret as string, Buffer.from(`${user}:${secret}`).toString('base64')]) {
        expect(text).not.toContain(form)
      }
    }
  }
}, 120_000)

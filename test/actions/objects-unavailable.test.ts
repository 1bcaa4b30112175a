import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { writeZip } from '../../src/adapters/zip.ts'
import { reportRun } from '../../src/journeys/report-run.ts'
import { forgeWorld, request } from '../adapters/forge-world.ts'
import { builtActions } from './built-actions.ts'
import { password, privateWorld } from './private-remote.ts'

let actions: Awaited<ReturnType<typeof builtActions>>
beforeAll(async () => {
  actions = await builtActions('dataset-qa')
})
afterAll(() => actions?.[Symbol.dispose]())

test('a run without credentials says that objects are unavailable, and is held; with them the same commit is judged', async () => {
  await using world = await privateWorld(actions)
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
  await using data = await privateWorld(actions)
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
  await using world = await privateWorld(actions)
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

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { startS3 } from '../servers/s3.ts'
import { dvcWorld, png } from './dvc-world.ts'

let s3: Awaited<ReturnType<typeof startS3>>
const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'secret', AWS_DEFAULT_REGION: 'us-east-1' }

beforeAll(async () => {
  Object.assign(process.env, credentials)
  s3 = await startS3('bucket')
}, 300_000)
afterAll(async () => {
  await s3[Symbol.asyncDispose]()
  for (const name of Object.keys(credentials)) delete process.env[name]
})

const label = (x: number) => `0 0.${x} 0.5 0.2 0.2\n`

/** Two versions that DVC itself added and pushed to S3, and then an empty cache. */
async function pushed(world: ReturnType<typeof dvcWorld>, prefix: string) {
  const { root, write, commit } = world
  const remote = `url = s3://bucket/${prefix}\n    endpointurl = ${s3.url}\n`
  write('.dvc/config', `[core]\n    remote = cloud\n    analytics = false\n['remote "cloud"']\n    ${remote}`)
  write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  for (let i = 1; i <= 4; i++) {
    write(`data/x/labels/${i}.txt`, label(i))
    write(`data/x/images/${i}.png`, png(String(i)))
  }
  const dvc = createDvc(root)
  await dvc.add(['data/x/labels', 'data/x/images'])
  await dvc.push()
  commit('base')
  rmSync(join(root, 'data/x/labels/4.txt'))
  write('data/x/labels/4.txt', label(9))
  await dvc.add(['data/x/labels'])
  await dvc.push()
  commit('head')
  for (const gone of ['.dvc/cache', '.dvc/tmp', 'data/x/labels', 'data/x/images']) {
    rmSync(join(root, gone), { recursive: true, force: true })
  }
}

test('labels of two versions come from S3 in one Python process, and images when they are asked for', async () => {
  using world = dvcWorld()
  await pushed(world, 'a')
  const before = (await s3.requests()).length
  const starts = countStarts(world.folder)
  const options = { cwd: world.root, data: 'data/x', labels: 'changed' } as const
  {
    await using versions = await openVersions('HEAD~1', 'HEAD', options)
    expect([...(versions.base?.dataset.boxes.cx ?? [])]).toEqual([0.4])
    expect([...versions.head.dataset.boxes.cx]).toEqual([0.9])
    // Three manifests (that of the images is the same) and two labels.
    expect(versions.fetched).toMatchObject({ files: 5, from: 'cloud' })
    const got = (await s3.requests()).slice(before).filter((line) => line.startsWith('GET /bucket/a/files/'))
    expect(new Set(got).size).toBe(5)
    expect(got.map((line) => line.slice('GET /bucket/a/'.length))).toContain(objectPath(md5Of(Buffer.from(label(9)))))
    const [image] = versions.head.dataset.images.map(({ file }) => file)
    expect(await versions.head.fetchImages([image as string])).toMatchObject({ files: 1, bytes: png('4').length })
    expect(versions.head.dataset.images[0]).toMatchObject({ width: 1, md5: md5Of(png('4')) })
  }
  expect(starts()).toEqual(['python'])
  // What was fetched stays in DVC's cache, and is not fetched again.
  expect(existsSync(join(world.root, '.dvc/cache', objectPath(md5Of(png('4')))))).toBe(true)
  await using again = await openVersions('HEAD~1', 'HEAD', options)
  expect(again.fetched.files).toBe(0)
}, 120_000)

/** Puts a program in place of Python that notes its start; returns what was started since. */
function countStarts(folder: string): () => string[] {
  const python = pythonTool('python')
  const log = join(folder, 'starts')
  mkdirSync(join(folder, 'tools/bin'), { recursive: true })
  writeFileSync(join(folder, 'tools/bin/python'), `#!/bin/sh\necho python >> ${log}\nexec ${python} "$@"\n`, {
    mode: 0o755,
  })
  process.env.SLUICE_TOOLS = join(folder, 'tools')
  return () => {
    delete process.env.SLUICE_TOOLS
    return readFileSync(log, 'utf8').trim().split('\n')
  }
}

test('a damaged object, a missing one and a remote that does not answer are told apart', async () => {
  using world = dvcWorld()
  await pushed(world, 'b')
  const object = objectPath(md5Of(Buffer.from(label(2))))
  expect(await s3.put(`b/${object}`, '0 0.7 0.5 0.2 0.2\n')).toBe(200)
  const open = () => openDataset('HEAD:data/x', { cwd: world.root })
  const damaged = await open().catch((error: unknown) => error)
  expect(damaged).toBeInstanceOf(UsageError)
  expect((damaged as UsageError).message).toMatch(/damaged: its name says [0-9a-f]{32}, its bytes have [0-9a-f]{32}/)
  expect((damaged as UsageError).where).toBe('remote "cloud"')
  expect(existsSync(join(world.root, '.dvc/cache', object))).toBe(false)
  expect(await s3.put(`b/${object}`, null)).toBe(204)
  const missing = await open().catch((error: unknown) => error)
  expect(missing).toBeInstanceOf(ToolError)
  expect((missing as ToolError).message).toContain(`missing, neither in the cache nor in the remote "cloud"`)
  world.write(
    '.dvc/config',
    '[core]\n    remote = cloud\n[\'remote "cloud"\']\n    url = s3://none/b\n    endpointurl = http://127.0.0.1:9\n',
  )
  rmSync(join(world.root, '.dvc/cache'), { recursive: true })
  const silent = await open().catch((error: unknown) => error)
  expect(silent).toBeInstanceOf(ToolError)
  expect((silent as ToolError).message).toContain('the remote "cloud" cannot be reached')
}, 180_000)

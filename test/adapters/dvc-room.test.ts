import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { openDataset } from '../../src/adapters/open-dataset.ts'
import { UnavailableError } from '../../src/core/errors.ts'
import { dvcWorld, png } from './dvc-world.ts'

// A remote over HTTP whose images are said to be as large as `size`.
let server: Server
let folder = ''
let size: number | null = null
const got: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = join(folder, path)
    got.push(`${request.method} ${path}`)
    if (!existsSync(file)) return void response.writeHead(404).end()
    const bytes = readFileSync(file)
    const image = bytes.subarray(1, 4).toString() === 'PNG'
    const length = image && size !== null && request.method === 'HEAD' ? size : bytes.length
    response.writeHead(200, { 'content-length': length, 'accept-ranges': 'none' })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

test('what would not fit on the disk is said before any of it is fetched; labels alone still come', async () => {
  using world = dvcWorld()
  const { root, write, commit } = world
  const config = (url: string) =>
    write('.dvc/config', `[core]\n    remote = there\n    analytics = false\n['remote "there"']\n    url = ${url}\n`)
  folder = join(world.folder, 'remote')
  config(folder)
  write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  for (let i = 0; i < 3; i++) {
    write(`data/x/labels/${i}.txt`, `0 0.${i + 2} 0.5 0.2 0.2\n`)
    write(`data/x/images/${i}.png`, png(String(i)))
  }
  const dvc = createDvc(root)
  await dvc.add(['data/x/labels', 'data/x/images'])
  await dvc.push()
  config(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  commit('base')
  for (const gone of ['.dvc/cache', '.dvc/tmp', 'data/x/labels', 'data/x/images']) {
    rmSync(join(root, gone), { recursive: true, force: true })
  }
  size = 2 ** 50
  await using opened = await openDataset('HEAD:data/x', { cwd: root })
  expect(opened.dataset.boxes.cx).toHaveLength(3)
  const images = opened.dataset.images.map(({ file }) => file)
  const before = got.length
  const refused = await opened.fetchImages(images).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(UnavailableError)
  expect((refused as Error).message).toMatch(
    /^objects unavailable: 3 objects of "there" take about 3145728\.0 GiB, \d+\.\d GiB are free here$/,
  )
  expect(got.slice(before).filter((line) => line.startsWith('GET'))).toEqual([])
  size = null
  expect(await opened.fetchImages(images)).toMatchObject({ files: 3 })
  expect(readdirSync(join(root, '.dvc/cache/files/md5')).length).toBeGreaterThan(0)
}, 120_000)

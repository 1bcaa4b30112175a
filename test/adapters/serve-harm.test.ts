import { request } from 'node:http'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createInferenceClient, createRouter } from '../../src/adapters/router.ts'
import { type ServeOptions, type Server, startServer } from '../../src/adapters/serve/server.ts'
import { placeOf } from '../../src/adapters/serve/split.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { sendTraffic } from '../../src/steps/traffic.ts'
import { inferBody, somePictures, tinyWorld } from './tiny-world.ts'

let world: Awaited<ReturnType<typeof tinyWorld>>
let server: Server
beforeAll(async () => {
  world = await tinyWorld()
})
afterEach(() => server?.stop())
afterAll(() => world?.remove())

const start = async (options: Partial<ServeOptions> = {}) => {
  server = await startServer({ model: 'tiny', champion: world.source('champion', 'v1'), ...options })
  return { router: createRouter(server.url), client: createInferenceClient(server.url, 'tiny') }
}

test('splits by request id: about the weight, the same id always to the same arm, a larger weight keeps the earlier ones', async () => {
  const ids = Array.from({ length: 4000 }, (_, i) => `request-${i}`)
  const small = ids.filter((id) => placeOf(id) < 0.05)
  expect(small.length).toBeGreaterThan(140)
  expect(small.length).toBeLessThan(260)
  expect(small.every((id) => placeOf(id) < 0.25)).toBe(true)

  const { router, client } = await start({ challenger: world.source('eager', 'v2') })
  await router.setWeight({ challenger: 0.5, shadow: true, leaseSeconds: null })
  const [picture = Buffer.alloc(0)] = await somePictures(1, 1)
  for (const id of ids.slice(0, 20)) {
    const expected = placeOf(id) < 0.5 ? 'challenger' : 'champion'
    expect((await client.infer(picture, id)).arm).toBe(expected)
    expect((await client.infer(picture, id)).arm).toBe(expected)
  }
})

test('drops copies rather than delaying the champion when the challenger is slow', async () => {
  const { client } = await start({ challenger: world.source('slow', 'v2'), limits: { copies: 2 } })
  const traffic = await sendTraffic(client, { images: await somePictures(8, 2), requests: 150, concurrency: 6 })
  const { arms } = server.status()
  expect(traffic).toMatchObject({ answered: { champion: 150, challenger: 0 }, failed: 0 })
  expect(arms.challenger.dropped).toBeGreaterThan(0)
  expect(arms.challenger.dropped + arms.challenger.copies).toBe(150)
})

test('answers with the champion when the challenger dies on a request that was its own', async () => {
  const { router, client } = await start({ challenger: world.source('slow', 'v2') })
  await router.setWeight({ challenger: 1, shadow: true, leaseSeconds: null })
  const images = await somePictures(8, 3)
  const sending = sendTraffic(client, { images, requests: 40, concurrency: 2 })
  process.kill(server.pids().challenger as number, 'SIGKILL')
  const traffic = await sending
  expect(traffic.failed).toBe(0)
  expect(traffic.answered.champion).toBeGreaterThan(0)
  expect(server.status().arms.challenger.errors).toBeGreaterThan(0)
})

test('ends a model that does not answer in time, and starts it again', async () => {
  const { client, router } = await start({ challenger: world.source('slow', 'v2'), limits: { timeoutMs: 1000 } })
  process.kill(server.pids().challenger as number, 'SIGSTOP')
  await router.setWeight({ challenger: 1, shadow: true, leaseSeconds: null })
  const [picture = Buffer.alloc(0)] = await somePictures(1, 4)
  expect((await client.infer(picture, 'stuck')).arm).toBe('champion')
  await expect.poll(() => server.status().arms.challenger.restarts, { timeout: 10_000 }).toBe(1)
  await expect.poll(() => server.status().challenger?.state, { timeout: 10_000 }).toBe('ready')
})

test('a weight that is not renewed falls back to 0', async () => {
  const { router } = await start({ challenger: world.source('eager', 'v2') })
  await router.setWeight({ challenger: 0.25, shadow: true, leaseSeconds: 0.3 })
  expect((await router.status()).weight).toBe(0.25)
  await expect.poll(async () => (await router.status()).weight).toBe(0)
})

test('refuses weights that are none, and a weight without a challenger', async () => {
  const { router } = await start()
  const weight = (challenger: number) => router.setWeight({ challenger, shadow: true, leaseSeconds: null })
  await expect(weight(0.5)).rejects.toThrow(/HTTP 409: there is no challenger/)
  await expect(weight(1.5)).rejects.toThrow(/from 0 to 1/)
  await expect(weight(-0.1)).rejects.toThrow(ToolError)
})

test('takes another challenger while it runs, with fresh counters; one that does not load leaves the old one', async () => {
  const { router, client } = await start({ challenger: world.source('eager', 'v2') })
  const before = await router.status()
  await router.setChallenger({ artifact: world.source('slow').artifact })
  const after = await router.status()
  expect(after.epoch).not.toBe(before.epoch)
  expect(after.challenger?.artifact).toBe(world.source('slow').digest)
  await expect(router.setChallenger({ artifact: `${world.folder}/nothing.onnx` })).rejects.toThrow(/cannot be read/)
  expect((await router.status()).challenger?.artifact).toBe(world.source('slow').digest)
  const [picture = Buffer.alloc(0)] = await somePictures(1, 5)
  expect((await client.infer(picture, 'x')).arm).toBe('champion')
})

test('refuses a body over the limit, announced or not, and goes on answering', async () => {
  const { client } = await start({ maxBodyBytes: 20_000 })
  const announced = await fetch(`${server.url}/v2/models/tiny/infer`, { method: 'POST', body: 'x'.repeat(20_001) })
  expect(announced.status).toBe(413)
  expect(await announced.json()).toEqual({ error: 'the body may have at most 20000 bytes' })
  expect(await postChunks(`${server.url}/v2/models/tiny/infer`, 'x'.repeat(4000), 10)).toBe(413)
  const [picture = Buffer.alloc(0)] = await somePictures(1, 6)
  expect((await client.infer(picture, 'y')).arm).toBe('champion')
})

/** Sends chunks without saying how many; returns the status. */
function postChunks(url: string, chunk: string, count: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST' }, (response) => resolve(response.resume().statusCode))
    sent.on('error', reject)
    for (let i = 0; i < count; i++) sent.write(chunk)
    sent.end()
  })
}

test('answers what it has before it stops, and takes no new connection after', async () => {
  const { client } = await start({ champion: world.source('slow', 'v1') })
  const images = await somePictures(4, 7)
  const running = images.map((image, i) => client.infer(image, `last-${i}`))
  await expect.poll(() => server.status().arms.champion.answered).toBeGreaterThan(0)
  await server.stop()
  expect(await Promise.all(running)).toHaveLength(4)
  await expect(client.infer(images[0] as Buffer, 'late')).rejects.toThrow(/no answer/)
})

test('names the way out when the port is in use or the model is none', async () => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  )
  await expect(start({ port })).rejects.toMatchObject({ name: 'UsageError', mend: expect.stringMatching(/--port 0/) })
  taken.close()
  const broken = { ...world.source('champion'), artifact: new URL(import.meta.url).pathname }
  await expect(start({ champion: broken })).rejects.toThrow(UsageError)
})

test('gives Prometheus counters that agree with the status', async () => {
  const { client } = await start({ challenger: world.source('eager', 'v2') })
  await sendTraffic(client, { images: await somePictures(5, 8), requests: 12, concurrency: 2 })
  await expect.poll(() => server.status().pairs.pairs).toBe(12)
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toContain('sluice_requests_total{arm="champion"} 12\n')
  expect(text).toContain('sluice_pairs_total 12\n')
  expect(text).toContain('sluice_model_seconds_bucket{arm="challenger",le="+Inf"} 12\n')
  expect(text).toMatch(/^# TYPE sluice_model_seconds histogram$/m)
})

test('the client sends to this machine only', () => {
  expect(() => createRouter('http://example.org')).toThrow(UsageError)
  expect(() => createInferenceClient('file:///etc/passwd', 'tiny')).toThrow(UsageError)
})

test('says which request cannot be answered when the queue is full', async () => {
  await start({ champion: world.source('slow', 'v1'), limits: { live: 1 } })
  const [picture = Buffer.alloc(0)] = await somePictures(1, 9)
  const post = () => fetch(`${server.url}/v2/models/tiny/infer`, { method: 'POST', body: inferBody(picture) })
  const replies = await Promise.all(Array.from({ length: 8 }, post))
  const statuses = replies.map(({ status }) => status)
  expect(statuses).toContain(200)
  expect(statuses).toContain(503)
  expect(replies.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1')
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../src/adapters/serve/server.ts'
import { inferBody, paint, somePictures, tinyWorld } from './tiny-world.ts'

let world: Awaited<ReturnType<typeof tinyWorld>>
let server: Server
beforeAll(async () => {
  world = await tinyWorld()
  server = await startServer({
    model: 'tiny',
    champion: world.source('champion', 'v1'),
    challenger: world.source('eager', 'v2'),
  })
})
afterAll(async () => {
  await server?.stop()
  world?.remove()
})

const get = async (path: string) => {
  const response = await fetch(server.url + path)
  return { status: response.status, body: await response.json() }
}
const infer = async (body: string | Buffer, path = '/v2/models/tiny/infer', headers: Record<string, string> = {}) => {
  const response = await fetch(server.url + path, { method: 'POST', body: Buffer.from(body), headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('names itself, its model, both versions and the tensors it takes', async () => {
  expect((await get('/v2')).body).toMatchObject({ name: 'sluice' })
  expect((await get('/v2/health/live')).status).toBe(200)
  expect((await get('/v2/health/ready')).status).toBe(200)
  expect((await get('/v2/models/tiny')).body).toMatchObject({ versions: ['v1', 'v2'], platform: 'onnxruntime_onnx' })
  expect((await get('/v2/models/tiny/versions/v2/ready')).status).toBe(200)
})

test('answers an encoded picture with the boxes that were painted', async () => {
  const picture = await paint([
    { column: 2, row: 3, colour: 'red' },
    { column: 6, row: 1, colour: 'blue' },
  ])
  const { status, body } = await infer(inferBody(picture, 'a'))
  expect(status).toBe(200)
  expect(body).toMatchObject({ model_name: 'tiny', model_version: 'v1', id: 'a', parameters: { arm: 'champion' } })
  const [boxes, scores, classes] = body.outputs as { name: string; shape: number[]; data: number[] }[]
  expect(boxes).toMatchObject({ name: 'boxes', shape: [2, 4] })
  const found = classes?.data.map((classId, i) => [classId, ...(boxes?.data.slice(i * 4, i * 4 + 4) ?? [])])
  expect(found?.sort()).toEqual([
    [0, 16, 24, 24, 32],
    [1, 48, 8, 56, 16],
  ])
  expect(scores?.data.every((score) => score > 0.9)).toBe(true)
})

test('answers rows of pixels and a bare picture as it answers the encoded one', async () => {
  const data = new Array(64 * 64 * 3).fill(114)
  for (let y = 8; y < 16; y++) for (let x = 8; x < 16; x++) data[(y * 64 + x) * 3] = 255
  const rows = {
    inputs: [{ name: 'image', shape: [64, 64, 3], datatype: 'UINT8', data }],
    outputs: [{ name: 'classes' }],
  }
  const { body } = await infer(JSON.stringify(rows))
  expect(body.outputs).toEqual([{ name: 'classes', datatype: 'INT32', shape: [1], data: [0] }])
  const bare = await infer(await paint([{ column: 1, row: 1, colour: 'red' }]), undefined, {
    'content-type': 'image/png',
  })
  expect(bare.status).toBe(200)
})

/** Counts once every copy that was given has been compared. */
async function settledPairs() {
  await server.compared()
  return server.status().pairs
}

test('asks the version that a path names, without a copy to the other', async () => {
  const before = (await settledPairs()).pairs
  const faint = await paint([{ column: 1, row: 1, colour: 'red' }], 0.3)
  const boxes = async (version: string) =>
    (
      (await infer(inferBody(faint), `/v2/models/tiny/versions/${version}/infer`)).body.outputs as { shape: number[] }[]
    )[0]
  expect(await boxes('v1')).toMatchObject({ shape: [0, 4] })
  expect(await boxes('v2')).toMatchObject({ shape: [1, 4] })
  expect((await settledPairs()).pairs).toBe(before)
})

test.each([
  ['not JSON', '{"inputs":', /not JSON/],
  ['a list for a body', '[]', /body must be an object/],
  ['no inputs', '{}', /exactly one tensor/],
  ['another name', '{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["AA=="]}]}', /must be "image"/],
  [
    'a type it does not take',
    '{"inputs":[{"name":"image","shape":[1],"datatype":"FP32","data":[1]}]}',
    /BYTES or UINT8/,
  ],
  [
    'text that is not base64',
    '{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["%%"]}]}',
    /not base64/,
  ],
  [
    'bytes that are no picture',
    '{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["AAAA"]}]}',
    /cannot be decoded/,
  ],
  ['too few pixels', '{"inputs":[{"name":"image","shape":[2,2,3],"datatype":"UINT8","data":[1]}]}', /shape needs 12/],
  ['pixels past 255', '{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,256]}]}', /0 to 255/],
  ['a side without end', '{"inputs":[{"name":"image","shape":[1,99999,3],"datatype":"UINT8","data":[]}]}', /8192/],
  [
    'a shape of zero',
    '{"inputs":[{"name":"image","shape":[0],"datatype":"BYTES","data":["AA=="]}]}',
    /positive integers/,
  ],
])('refuses %s with 400 and the reason', async (_, body, reason) => {
  const reply = await infer(body)
  expect(reply.status).toBe(400)
  expect(reply.body.error).toMatch(reason)
})

test('refuses an unknown model, an unknown version, a wrong method and a foreign host', async () => {
  expect((await get('/v2/models/other')).status).toBe(404)
  expect((await get('/v2/models/tiny/versions/v9')).status).toBe(404)
  expect((await get('/v2/models/tiny/infer')).status).toBe(405)
  expect((await infer('{}', '/v2/models/tiny/infer', { origin: 'https://example.org' })).status).toBe(403)
})

test('mirrors answers to the challenger: what it loses and gains is counted, the answer stays the champion’s', async () => {
  const before = await settledPairs()
  const [bright, faint] = [await somePictures(10, 1), await somePictures(10, 2, 0.3)]
  for (const picture of [...bright, ...faint]) {
    const { body } = await infer(inferBody(picture))
    expect(body.parameters).toEqual({ arm: 'champion' })
  }
  const pairs = await settledPairs()
  expect(pairs.pairs - before.pairs).toBe(20)
  expect(pairs.championBoxes - pairs.kept).toBe(0)
  expect(pairs.gained - before.gained).toBeGreaterThan(9)
})

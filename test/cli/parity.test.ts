import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ParityBody } from '../../src/core/documents/operational.ts'
import { somePictures } from '../adapters/tiny-world.ts'
import { runtimesFolder, runtimesWorld } from '../runtimes/world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
let world: Awaited<ReturnType<typeof runtimesWorld>>
let data = ''

beforeAll(async () => {
  world = await runtimesWorld()
  data = world.at('data')
  for (const part of ['images', 'labels']) mkdirSync(join(data, part), { recursive: true })
  // Faint colours: the detector with the lower bar sees them, the other does not.
  const pictures = [...(await somePictures(4, 1)), ...(await somePictures(2, 2, 0.3))]
  const names = pictures.map((_, i) => `images/p${i}.png`)
  pictures.forEach((bytes, i) => {
    writeFileSync(join(data, names[i] as string), bytes)
    writeFileSync(join(data, `labels/p${i}.txt`), '0 0.5 0.5 0.125 0.125\n')
  })
  writeFileSync(join(data, 'train.txt'), '')
  writeFileSync(join(data, 'val.txt'), `${names.join('\n')}\n`)
  writeFileSync(join(data, 'data.yaml'), 'path: .\ntrain: train.txt\nval: val.txt\nnames: [red, blue]\n')
}, 300_000)
afterAll(() => world?.remove())

async function parity(artifact: string, flags: string[] = [], env: Record<string, string> = {}) {
  const json = world.at('result.json')
  rmSync(json, { force: true })
  const files = ['--json', json, '--evidence', world.at('evidence.json')]
  const serving = ['--data', data, '--image-size', '64', ...files, ...flags]
  const result = await execa(process.execPath, [bin, 'parity', world.at('champion.onnx'), artifact, ...serving], {
    reject: false,
    cwd: world.folder,
    env: { PATH: `${world.bin}:${process.env.PATH}`, SLUICE_RUNTIMES: runtimesFolder(), ...env },
  })
  const text = await Promise.resolve(json)
    .then((path) => readFileSync(path, 'utf8'))
    .catch(() => 'null')
  return { ...result, body: JSON.parse(text) as ParityBody }
}

test.each([
  ['OpenVINO, a folder', 'made/tiny_openvino_model', 'openvino'],
  ['OpenVINO, its graph', 'made/tiny_openvino_model/tiny.xml', 'openvino'],
  ['TFLite without metadata', 'made/plain.tflite', 'tflite'],
  ['TFLite with boxes as shares of the picture', 'made/exported.tflite', 'tflite'],
])('%s gives the outputs, boxes and mAP of the ONNX file', async (_, name, format) => {
  const { exitCode, body, stderr } = await parity(world.at(name))
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, ''])
  expect(body).toMatchObject({ state: 'measured', images: 6, artifact: { format }, tensors: { images: 6 } })
  expect(body.boxes.reference).toBeGreaterThan(4)
  expect(body.boxes).toMatchObject({ flipped: 0, matched: body.boxes.reference })
  expect(body.tensors?.maxPx).toBeLessThan(1e-4)
  expect(body.tensors?.maxScore).toBeLessThan(1e-5)
  expect(body.map.difference.value).toBe(0)
})

test('an artefact with another bar shows: flipped boxes, other scores, and each of them on the page', async () => {
  const { exitCode, body } = await parity(world.at('made/other.tflite'), ['--html', 'sheet.html'])
  expect(exitCode).toBe(0)
  expect(body.boxes.flipped).toBe(body.boxes.artifact - body.boxes.reference)
  expect(body.boxes.flipped).toBeGreaterThan(0)
  expect(body.tensors?.maxScore).toBeGreaterThan(0.5)
  const page = readFileSync(world.at('sheet.html'), 'utf8')
  expect(page).toContain(`<td>found by tflite alone</td><td>${body.boxes.flipped}</td>`)
  expect(page.match(/<figure/g)).toHaveLength(2)
  // Of each picture two frames: what the reference found, and the artefact.
  expect(page.match(/<img [^>]*src="data:image\/jpeg/g)).toHaveLength(4)
})

test('the digest of an OpenVINO model covers graph and weights', async () => {
  const before = (await parity(world.at('made/tiny_openvino_model'))).body.artifact.sha256
  expect((await parity(world.at('made/tiny_openvino_model/tiny.xml'))).body.artifact.sha256).toBe(before)
  const weights = world.at('made/tiny_openvino_model/tiny.bin')
  const bytes = readFileSync(weights)
  try {
    writeFileSync(weights, Buffer.concat([bytes, Buffer.alloc(4)]))
    expect((await parity(world.at('made/tiny_openvino_model'))).body.artifact.sha256).not.toBe(before)
  } finally {
    writeFileSync(weights, bytes)
  }
})

test('an engine of Ultralytics loses its prefix, a bare plan and one built from ONNX run too', async () => {
  const named = await parity(world.engine('model.engine'))
  expect(named.body).toMatchObject({ state: 'measured', artifact: { format: 'engine' }, boxes: { flipped: 0 } })
  expect(named.body.tensors?.maxScore).toBeLessThan(1e-6)
  const bare = await parity(world.engine('bare.plan', '', null))
  expect(bare.body).toMatchObject({ state: 'measured', boxes: { flipped: 0 } })
  const built = await parity(world.at('champion.onnx'), ['--tensorrt', 'fp16'])
  expect(built.body).toMatchObject({ state: 'measured', artifact: { format: 'engine-fp16' } })
})

test.each([
  ['another version of TensorRT', 'version', 'Version tag does not match'],
  ['another GPU', 'device', 'incompatible device'],
])('an engine of %s is exported, not measured', async (_, fault, why) => {
  const { exitCode, body, stdout } = await parity(world.engine(`${fault}.engine`, fault))
  expect([exitCode, body.state]).toEqual([3, 'exported, not measured'])
  expect(body.unmeasured).toEqual({
    why: expect.stringContaining(why),
    settle: 'build the engine on this machine, with this TensorRT',
  })
  expect(stdout).toContain('exported, not measured')
})

test.each([
  ['too little memory is a tool that failed', 'memory', 4, 'ran out of memory'],
  ['numbers that are none are no output', 'nan', 4, 'no tensor of finite numbers'],
  ['a run without output is no pass', 'silent', 4, 'wrote no output'],
])('%s', async (_, fault, code, message) => {
  const { exitCode, stderr, body } = await parity(world.engine(`${fault}.engine`, fault))
  expect([exitCode, body]).toEqual([code, null])
  expect(stderr).toContain(message)
})

test('a missing engine, a flag that TensorRT 11 lacks, and an image size that the file lacks are wrong use', async () => {
  const missing = await parity(world.at('none.engine'))
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('there is no such file')])
  const flag = await parity(world.at('champion.onnx'), ['--tensorrt', 'fp16'], { FAKE_TRT_MAJOR: '11' })
  expect([flag.exitCode, flag.stderr]).toEqual([2, expect.stringContaining('no such flag')])
  const size = await parity(world.at('made/plain.tflite'), ['--image-size', '96'])
  expect([size.exitCode, size.stderr]).toEqual([2, expect.stringContaining('the model')])
})

test.each([
  ['OpenVINO', 'made/tiny_openvino_model', 'openvino'],
  ['TFLite', 'made/plain.tflite', 'ai-edge-litert'],
  ['TensorRT', 'model.engine', 'trtexec'],
])('without its tool %s is not measured, and no gate passes on it', async (_, name, tool) => {
  const bare = await bareEnvironment()
  world.engine('model.engine')
  const { exitCode, body, stdout } = await parity(world.at(name), ['--html', 'none.html'], {
    SLUICE_RUNTIMES: bare,
    PATH: process.env.PATH ?? '',
  })
  expect([exitCode, body.state, body.images]).toEqual([3, 'exported, not measured', 0])
  expect(stdout).toContain(tool)
  expect(readFileSync(world.at('none.html'), 'utf8')).toContain(tool)
  const policy = world.at('policy.yaml')
  const line = `{ gate: parity, evidence: Parity, target: ${body.artifact.format}, measure: map-loss, margin: 0.5 }`
  writeFileSync(policy, `name: export\ngates:\n  - ${line}\n`)
  const judged = await execa(
    process.execPath,
    [bin, 'gate', policy, '--evidence', world.at('evidence.json'), '--json', world.at('verdict.json')],
    { reject: false, cwd: world.folder },
  )
  expect(judged.exitCode).toBe(3)
  const verdict = JSON.parse(readFileSync(world.at('verdict.json'), 'utf8'))
  expect(JSON.stringify(verdict)).toContain(`exported, not measured: `)
  expect(JSON.stringify(verdict)).toContain('then run parity on')
})

/** An environment whose Python has none of the packages. */
async function bareEnvironment(): Promise<string> {
  const folder = world.at('bare')
  await execa(world.python, ['-m', 'venv', '--without-pip', '--clear', folder])
  return folder
}

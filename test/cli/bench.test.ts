import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { createImages } from '../../src/adapters/images.ts'
import { machineOf } from '../../src/adapters/onnx/latency-target.ts'
import { type LatencyBody, latency } from '../../src/core/documents/operational.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { constantModel, rawHead } from '../adapters/onnx-writer.ts'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const model = join(folder, 'a.onnx')
writeFileSync(model, constantModel(rawHead(2, 21, [{ cx: 16, cy: 16, w: 8, h: 4, classId: 1, score: 0.5 }])))
const picture = { width: 8, height: 8, rgb: new Uint8Array(192).fill(90) }
writeFileSync(join(folder, 'picture.png'), await createImages().encodePng(picture))
const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const bench = (...args: string[]) =>
  execa(process.execPath, [program, 'bench', model, model, '--images', folder, '--image-size', '32', ...args], {
    reject: false,
  })

test('a provider that is absent or unknown ends with exit 2 and measures nothing', async () => {
  const file = join(folder, 'none.json')
  const absent = await bench('--provider', 'cuda', '--evidence', file)
  expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringMatching(/no cuda here, so nothing was measured/)])
  expect(() => readFileSync(file)).toThrow(/ENOENT/)
  const unknown = await bench('--provider', 'gpu')
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringMatching(/one of cpu, cuda, tensorrt/)])
})

test('writes evidence that names its target, and none of a model that was slowed on purpose', async () => {
  const file = join(folder, 'latency.json')
  const { stdout, exitCode } = await bench('--runs', '2', '--per-run', '3', '--target', 'edge box', '--evidence', file)
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/on edge box \(.*ONNX Runtime .* cpu, 1 thread\)\na: p50 .* MiB, loaded in \d+ ms; decode/),
  ])
  const { body } = JSON.parse(readFileSync(file, 'utf8')) as { body: LatencyBody }
  expect([body.target, problemsOf(latency, body)]).toEqual(['edge box', []])
  // The name is the caller's, the machine is not.
  expect(body.machine).toEqual(machineOf('cpu', 1))
  const { meta } = JSON.parse(readFileSync(file, 'utf8'))
  expect(Math.abs(Date.now() - Date.parse(meta.createdAt))).toBeLessThan(86_400_000)
  const slowed = await bench('--slowdown', '1.05', '--evidence', file)
  expect([slowed.exitCode, slowed.stderr]).toEqual([2, expect.stringMatching(/--slowdown gives no evidence/)])
  const faster = await bench('--slowdown', '0.5')
  expect([faster.exitCode, faster.stderr]).toEqual([2, expect.stringMatching(/--slowdown 0.5 is below 1/)])
})

test('evaluate asks for a provider too: an absent one ends with exit 2, and none is named where it is the processor', async () => {
  const data = await dataFolder([rowsOf(found)])
  const file = join(folder, 'evaluation.json')
  const given = ['--model', modelFile(folder, 'found.onnx', found), '--data', data, '--image-size', '32']
  const evaluate = (provider: string) =>
    execa(process.execPath, [program, 'evaluate', ...given, '--provider', provider, '--evidence', file], {
      reject: false,
    })
  const absent = await evaluate('tensorrt')
  expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringMatching(/no tensorrt here.*it has cpu/)])
  expect(() => readFileSync(file)).toThrow(/ENOENT/)
  expect((await evaluate('cpu')).exitCode).toBe(0)
  expect(JSON.parse(readFileSync(file, 'utf8')).body.provider).toBeUndefined()
  rmSync(data, { recursive: true, force: true })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSource } from '../../src/adapters/serve/source.ts'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { buildManifest } from '../../src/steps/release.ts'
import { releaseInput } from '../steps/release-world.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-source-'))
  writeFileSync(join(folder, 'model.onnx'), 'a model')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const artifacts = [{ format: 'onnx', path: 'model.onnx', sha256: sha256('a model'), bytes: 7, state: 'gated' }]
const { serving } = releaseInput()

function served(change: Partial<typeof serving> = {}, edit: (body: Record<string, unknown>) => object = () => ({})) {
  const other = { ...serving, ...change }
  const manifest = buildManifest(releaseInput('pass', { serving: other, artifacts, overrideServing: 'a test' }))
  const file = join(folder, 'manifest.json')
  const body = manifest.body as Record<string, unknown>
  writeFileSync(file, JSON.stringify({ ...manifest, body: { ...body, ...edit(body) } }))
  return readSource(join(folder, 'model.onnx'), file).serving
}

test.each<Partial<typeof serving>>([
  {},
  { channels: 'BGR' },
  { padding: 0 },
  { scale: 1 },
  { fit: 'stretch' },
  { confidence: 0.1 },
  { suppression: 'diou' },
  { multiLabel: true },
])('a release is served exactly as it was made: %j', (change) => {
  const wanted = { ...serving, ...change }
  expect(servingDigest(served(change))).toBe(servingDigest({ ...wanted, servedConfidence: wanted.confidence }))
})

test.each<[string, (body: Record<string, unknown>) => object]>([
  ['channels', ({ preprocessing }) => ({ preprocessing: { ...(preprocessing as object), channels: 'BGR' } })],
  ['letterbox', ({ preprocessing }) => ({ preprocessing: { ...(preprocessing as object), letterbox: 0 } })],
  ['iou', ({ postprocessing }) => ({ postprocessing: { ...(postprocessing as object), iou: 0.5 } })],
])('refuses a manifest whose %s was edited by hand', (_, edit) => {
  expect(() => served({}, edit)).toThrow(/names other settings than it was made with/)
})

import { expect, test } from 'vitest'
import { sha256 } from '../../src/core/documents/define.ts'
import { drawImages, exportModel, spread } from '../../src/steps/export.ts'
import { countingTrainer, memoryStorage, silent } from './training-fake.ts'

const storage = () =>
  memoryStorage({ '/w/last.pt': 'weights', '/t/a.png': 'A', '/t/b.png': 'B', '/v/c.png': 'C', '/t/copy-of-c.png': 'C' })
const job = {
  weights: '/w/last.pt',
  imageSize: 64,
  output: '/out',
  formats: ['onnx' as const, 'onnx-int8' as const],
  calibration: ['/t/a.png', '/t/b.png'],
  forbidden: ['/v/c.png'],
  threads: 1,
  progress: silent,
}

test('returns each artefact with its digest and size', async () => {
  const files = storage()
  const artifacts = await exportModel({ trainer: countingTrainer(files.files).trainer, storage: files }, job)
  expect(artifacts.map(({ format, sha256: digest, bytes }) => [format, digest, bytes])).toEqual([
    ['onnx', sha256('onnx of weights'), 15],
    ['onnx-int8', sha256('onnx-int8 of weights'), 20],
  ])
})

test.each([
  ['a validation image itself', { calibration: ['/t/a.png', '/v/c.png'] }, '/v/c.png'],
  ['a validation image under another name', { calibration: ['/t/copy-of-c.png'] }, '/t/copy-of-c.png'],
  ['an image that is not there', { calibration: ['/t/gone.png'] }, '/t/gone.png'],
  ['weights that are not there', { weights: '/w/none.pt' }, '/w/none.pt'],
])('refuses %s', async (_, change, where) => {
  const files = storage()
  const run = exportModel({ trainer: countingTrainer(files.files).trainer, storage: files }, { ...job, ...change })
  await expect(run).rejects.toMatchObject({ name: 'UsageError', where })
})

test('INT8 without calibration images is refused, FP32 needs none', async () => {
  const files = storage()
  const ports = { trainer: countingTrainer(files.files).trainer, storage: files }
  await expect(exportModel(ports, { ...job, calibration: [] })).rejects.toThrow(/needs images to calibrate/)
  expect(await exportModel(ports, { ...job, calibration: [], formats: ['onnx'] })).toHaveLength(1)
})

test('spreads a choice over the whole list, each image once', () => {
  const images = Array.from({ length: 10 }, (_, index) => `i${index}`)
  expect(spread(images, 3)).toEqual(['i0', 'i3', 'i6'])
  expect(new Set(spread(images, 9)).size).toBe(9)
  expect(spread(images, 64)).toEqual(images)
})

test('an INT8 artefact names its calibration set: by content, name and draw, not by where the images lie', async () => {
  const files = memoryStorage({
    '/w/last.pt': 'weights',
    '/t/a.png': 'A',
    '/u/a.png': 'A',
    '/t/b.png': 'B',
    '/u/b.png': 'C',
  })
  const digestOf = async (calibration: string[], drawn?: string) => {
    const asked = { ...job, calibration, forbidden: [], ...(drawn ? { drawn } : {}) }
    const [full, int8] = await exportModel({ trainer: countingTrainer(files.files).trainer, storage: files }, asked)
    expect(full?.calibration).toBeUndefined()
    return int8?.calibration
  }
  const digest = await digestOf(['/t/a.png', '/t/b.png'])
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(await digestOf(['/t/b.png', '/u/a.png'])).toBe(digest)
  expect(await digestOf(['/t/a.png', '/u/b.png'])).not.toBe(digest)
  expect(await digestOf(['/t/a.png', '/t/b.png'], 'seed 1')).not.toBe(digest)
})

test('a draw by seed does not depend on the order of the list', () => {
  const images = Array.from({ length: 40 }, (_, index) => `i${index}`)
  const drawn = drawImages(images, 10, '3')
  expect(new Set(drawn).size).toBe(10)
  expect(drawImages([...images].reverse(), 10, '3')).toEqual(drawn)
  expect(drawImages(images, 10, '4')).not.toEqual(drawn)
})

test('an artefact that was not exported has no digest, and says what it needs', async () => {
  const files = storage()
  const { trainer } = countingTrainer(files.files)
  const lacking = {
    ...trainer,
    export: async () => [{ format: 'openvino' as const, path: '', seconds: 0, missing: 'the Python package openvino' }],
  }
  expect(await exportModel({ trainer: lacking, storage: files }, { ...job, formats: ['openvino'] })).toEqual([
    {
      format: 'openvino',
      path: '',
      sha256: '',
      bytes: 0,
      seconds: 0,
      missing: 'not exported: needs the Python package openvino',
    },
  ])
})

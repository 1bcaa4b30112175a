import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { parseJsonFile, readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'

type Fields = Record<string, unknown>
const sound = () => ({
  images: [{ id: 7, file_name: 'b.jpg' }, { id: 3 }] as Fields[],
  categories: [{ id: 0, name: 'person' }] as Fields[],
  annotations: [{ id: 1, image_id: 3, category_id: 0, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 }] as Fields[],
})
const found = (more: Fields = {}) => [{ image_id: 7, category_id: 0, bbox: [0, 0, 1, 1], score: 0.5, ...more }]

function refusalOf(act: () => unknown): { message: string; where: string | undefined; mend: string | undefined } {
  try {
    act()
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message, where: error.where, mend: error.mend }
    throw error
  }
  throw new Error('nothing was refused')
}

test('columns hold indices in the order of ids; names fall back to ids', () => {
  const coco = readCocoTruth(sound(), 'gt.json')
  expect(coco.imageIds).toEqual([3, 7])
  expect(coco.imageNames).toEqual(['3', 'b.jpg'])
  expect(coco.categoryNames).toEqual(['person'])
  expect([...coco.truth.image, ...coco.truth.classId, coco.truth.area[0]]).toEqual([0, 0, 12])
  expect(coco.zeroIdRow).toBe(-1)
})

test('ids may be text, as a trainer writes them that names images by file', () => {
  const value = { ...sound(), images: [{ id: 'frame-2' }, { id: 'frame-10' }], annotations: [] }
  const coco = readCocoTruth(value, 'gt.json')
  expect(coco.imageIds).toEqual(['frame-10', 'frame-2'])
  expect(readCocoDetections(found({ image_id: 'frame-2' }), 'dt.json', coco).detections.image[0]).toBe(1)
})

test('a missing area is the area of the box, a missing iscrowd is none', () => {
  const value = sound()
  value.annotations = [{ id: 1, image_id: 3, category_id: 0, bbox: [1, 2, 3, 4] }]
  const { truth } = readCocoTruth(value, 'gt.json')
  expect([truth.area[0], truth.crowd[0]]).toEqual([12, 0])
})

test('detections of a category that the truth does not list are left out and counted', () => {
  const coco = readCocoTruth(sound(), 'gt.json')
  const list = [...found({ category_id: 5 }), ...found({ score: 0.25 }), ...found({ category_id: 6 })]
  const { detections, unknownCategory } = readCocoDetections(list, 'dt.json', coco)
  expect(unknownCategory).toBe(2)
  expect(detections.count).toBe(1)
  expect([...detections.score]).toEqual([0.25])
})

describe('ground truth that cannot be taken is refused with its place', () => {
  const changed = (fields: Fields) => ({ ...sound(), annotations: [{ ...sound().annotations[0], ...fields }] })
  const twice = sound()
  twice.annotations.push({ ...twice.annotations[0] })
  test.each([
    ['a list', [], 'gt.json', /object with images/],
    ['null', null, 'gt.json', /object with images/],
    ['no annotations', { images: [], categories: [] }, 'gt.json', /annotations is missing/],
    ['images that are no list', { ...sound(), images: {} }, 'gt.json', /images must be a list/],
    ['an unknown image', changed({ image_id: 4 }), 'gt.json: annotations[0]', /image_id 4 is not among the images/],
    ['an unknown category', changed({ category_id: 9 }), 'gt.json: annotations[0]', /category_id 9 is not among/],
    ['no category', changed({ category_id: undefined }), 'gt.json: annotations[0]', /category_id is missing/],
    [
      'a NaN in the box',
      changed({ bbox: [0, Number.NaN, 1, 1] }),
      'gt.json: annotations[0]',
      /bbox\[1\] must be a number/,
    ],
    ['null in the box', changed({ bbox: [null, 0, 1, 1] }), 'gt.json: annotations[0]', /bbox\[0\] must be a number/],
    ['three numbers', changed({ bbox: [0, 0, 1] }), 'gt.json: annotations[0]', /bbox must be/],
    ['a negative size', changed({ bbox: [0, 0, -1, 1] }), 'gt.json: annotations[0]', /negative size/],
    ['a crowd of 2', changed({ iscrowd: 2 }), 'gt.json: annotations[0]', /iscrowd must be 0 or 1/],
    ['no id', changed({ id: undefined }), 'gt.json: annotations[0]', /id is missing/],
    ['an id twice', twice, 'gt.json: annotations[1]', /taken by annotations\[0\]/],
    ['an image id twice', { ...sound(), images: [{ id: 3 }, { id: 3 }] }, 'gt.json: images[1]', /taken by images\[0\]/],
    [
      'an annotation that is a number',
      { ...sound(), annotations: [4] },
      'gt.json: annotations[0]',
      /annotation object/,
    ],
  ])('%s', (_, value, where, message) => {
    const refusal = refusalOf(() => readCocoTruth(value, 'gt.json'))
    expect(refusal.message).toMatch(message)
    expect(refusal.where).toBe(where)
    expect(refusal.mend).toBeTruthy()
  })
})

describe('detections that cannot be taken are refused with their place', () => {
  test.each([
    ['an object', {}, 'dt.json', /list of detections/],
    ['no score', found({ score: undefined }), 'dt.json: [0]', /score is missing/],
    ['a score in quotes', found({ score: '0.5' }), 'dt.json: [0]', /score must be a number/],
    ['an unknown image', [...found(), ...found({ image_id: 8 })], 'dt.json: [1]', /image_id 8 is not among/],
    ['no box', found({ bbox: undefined }), 'dt.json: [0]', /bbox must be/],
  ])('%s', (_, value, where, message) => {
    const coco = readCocoTruth(sound(), 'gt.json')
    const refusal = refusalOf(() => readCocoDetections(value, 'dt.json', coco))
    expect(refusal).toMatchObject({ where, message: expect.stringMatching(message) })
  })
})

test('text that is no JSON is refused with its line; a bare NaN is named', () => {
  expect(refusalOf(() => parseJsonFile('{\n"a": 1,\n}', 'gt.json')).where).toBe('gt.json:3')
  expect(refusalOf(() => parseJsonFile('[{"score": NaN}]', 'dt.json')).message).toBe(
    'NaN is not a number that JSON knows',
  )
  expect(refusalOf(() => parseJsonFile('', 'dt.json')).message).toMatch(/not JSON/)
})

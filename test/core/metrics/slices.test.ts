import { expect, test } from 'vitest'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { sceneSlicing, scoreSlices } from '../../../src/core/metrics/slices.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from './coco-cases.ts'

const { gt, dt } = randomCocoCase(seededRandom(4), { images: 40, classes: 2, truths: 160, detections: 300, crowd: 0.1 })
const coco = readCocoTruth(gt, 'gt')
const { detections } = readCocoDetections(dt, 'dt', coco)
const { matching } = evaluateCoco(coco.truth, detections)
const imageIds = coco.imageIds
const values = (of: (image: number) => string | null) => Array.from({ length: 40 }, (_, image) => of(image))
const scenes = values((image) => (image < 12 ? 'large' : image < 24 ? 'other' : `alone ${image}`)) as string[]

test('a slice of too few images, boxes or scenes is marked and stays; one with enough is not', () => {
  const camera = values((image) => (image < 12 ? 'one scene' : image < 15 ? 'few' : image < 39 ? 'enough' : null))
  const scored = scoreSlices(coco.truth, detections, matching, [{ slice: 'camera', values: camera }], scenes)
  expect(scored.map(({ value, images, scenes: of, tooFew }) => [value, images, of, tooFew])).toEqual([
    ['enough', 24, 16, undefined],
    ['few', 3, 1, true],
    ['one scene', 12, 1, true],
  ])
  const counted = (from: number, to: number) =>
    gt.annotations.filter(({ image_id, iscrowd }) => {
      const image = imageIds.indexOf(image_id)
      return image >= from && image < to && iscrowd === 0
    }).length
  expect(scored.map(({ boxes }) => boxes)).toEqual([counted(15, 39), counted(12, 15), counted(0, 12)])
})

test('each scene with ten images is a slice, for which its own images and boxes suffice', () => {
  const { slicings, notes } = sceneSlicing(scenes)
  const scored = scoreSlices(coco.truth, detections, matching, slicings, scenes)
  expect(scored.map(({ slice, value, images, tooFew }) => [slice, value, images, tooFew])).toEqual([
    ['scene', 'large', 12, undefined],
    ['scene', 'other', 12, undefined],
  ])
  expect(notes).toEqual([])
})

test('scenes of one image, one scene of all, and videos that are listed already add no slice', () => {
  expect(sceneSlicing(values((image) => `${image}`) as string[]).slicings).toEqual([])
  expect(sceneSlicing(values(() => 'all') as string[]).slicings).toEqual([])
  expect(sceneSlicing(scenes, [{ slice: 'video', values: scenes }]).slicings).toEqual([])
})

test('of many scenes the fifty largest are scored, and a note says so', () => {
  const many = Array.from({ length: 60 }, (_, scene) => Array<string>(scene < 55 ? 11 : 10).fill(`s${scene}`)).flat()
  const { slicings, notes } = sceneSlicing(many)
  const named = new Set(slicings[0]?.values.filter((value) => value !== null))
  expect([named.size, named.has('s0'), named.has('s59')]).toEqual([50, true, false])
  expect(notes.join()).toContain('50 largest of 60 scenes')
})

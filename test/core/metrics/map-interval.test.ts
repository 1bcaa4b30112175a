import { expect, test } from 'vitest'
import { matchDetections } from '../../../src/core/metrics/coco-match.ts'
import { areaRanges } from '../../../src/core/metrics/coco-parameters.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { mapInterval } from '../../../src/core/metrics/map-interval.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from '../../../src/core/metrics/weighted-ap.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** Images of four objects each; a scene finds all of them or, by chance, loses some: what one model looks like. */
function world(images: number, seed: number | string, imagesPerScene = 1) {
  const random = seededRandom(seed)
  const truth = emptyTruth(images * 4, images, 2)
  const found: { image: number; classId: number; x: number; score: number }[] = []
  let chance = 0.7
  for (let i = 0; i < images; i++) {
    if (i % imagesPerScene === 0) chance = random.uniform(0.4, 1)
    for (let k = 0; k < 4; k++) {
      const row = i * 4 + k
      truth.image[row] = i
      truth.classId[row] = k % 2
      ;[truth.x[row], truth.y[row], truth.w[row], truth.h[row], truth.area[row]] = [k * 40, 0, 20, 20, 400]
      if (random.next() < chance) found.push({ image: i, classId: k % 2, x: k * 40, score: random.uniform(0.3, 1) })
      if (random.next() < 0.2)
        found.push({ image: i, classId: k % 2, x: k * 40 + 500, score: random.uniform(0.1, 0.8) })
    }
  }
  const detections = emptyDetections(found.length)
  found.forEach(({ image, classId, x, score }, row) => {
    detections.image[row] = image
    detections.classId[row] = classId
    detections.score[row] = score
    ;[detections.x[row], detections.y[row], detections.w[row], detections.h[row]] = [x, 0, 20, 20]
  })
  const scenes = Array.from({ length: images }, (_, i) => `s${Math.floor(i / imagesPerScene)}`)
  return { truth, detections, scenes }
}

function intervalOf({ truth, detections, scenes }: ReturnType<typeof world>, resamples = 200) {
  const matching = matchDetections(truth, detections, { ranges: areaRanges.slice(0, 1) })
  return mapInterval(truth, detections, matching, { scenes, classes: ['a', 'b'] }, { resamples, seed: 0 })
}

test('the AP of many more images lies above the lower bound in about 95 of 100 small sets', () => {
  const many = world(20_000, 'pop2')
  const matching = matchDetections(many.truth, many.detections, { ranges: areaRanges.slice(0, 1) })
  const perClass = new Float64Array(2)
  weightedAp(prepareWeighted(many.truth, many.detections, matching), new Uint8Array(20_000).fill(1), 1, perClass)
  const truly = meanOfPresent(perClass)
  let [above, below] = [0, 0]
  const draws = 120
  for (let i = 0; i < draws; i++) {
    const { map50 } = intervalOf(world(80, `k${i}`), 100).overall
    if (map50 && map50.lower95 <= truly) above++
    if (map50 && map50.upper99 >= truly) below++
  }
  // By a longer run: 93 to 94 of 100 above, 99 below.
  expect(above / draws).toBeGreaterThan(0.88)
  expect(above / draws).toBeLessThan(0.995)
  expect(below / draws).toBeGreaterThan(0.96)
})

test('images of one scene are no evidence of each other', () => {
  const alone = intervalOf(world(120, 'x'))
  const together = intervalOf({ ...world(120, 'x'), scenes: world(120, 'x', 10).scenes })
  expect([alone.unit, alone.units, together.unit, together.units]).toEqual(['image', 120, 'scene', 12])
  const scenes = intervalOf(world(120, 'y', 10))
  const images = intervalOf({ ...world(120, 'y', 10), scenes: world(120, 'y').scenes })
  const width = ({ overall }: typeof scenes) => (overall.map?.upper99 ?? 0) - (overall.map?.lower95 ?? 0)
  expect(width(scenes)).toBeGreaterThan(1.3 * width(images))
})

test('one scene, or a class without objects, has no bounds', () => {
  const one = world(5, 'z', 5)
  expect(intervalOf(one).overall).toEqual({ map: null, map50: null })
  const world2 = world(20, 'w')
  world2.truth.classId.fill(0)
  expect(intervalOf(world2).perClass[1]).toMatchObject({ units: 0, map: null, map50: null })
})

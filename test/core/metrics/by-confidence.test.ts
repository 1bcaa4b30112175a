import { expect, test } from 'vitest'
import { confidenceSteps, ratesByConfidence } from '../../../src/core/metrics/by-confidence.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { matchDetections } from '../../../src/core/metrics/coco-match.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from './coco-cases.ts'

test('each step is what matching says when everything below it is thrown away first', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { gt, dt } = randomCocoCase(seededRandom(seed), { scoreSteps: seed % 2 ? 50 : 1e6, crowd: 0.2 })
    const { truth } = readCocoTruth(gt, 'gt')
    const at = (least: number) => {
      const kept = dt.filter(({ score }) => score >= least)
      const { detections } = readCocoDetections(kept, 'dt', readCocoTruth(gt, 'gt'))
      return { detections, matching: matchDetections(truth, detections) }
    }
    const all = at(0)
    const rates = ratesByConfidence(all.matching, all.detections)
    for (let step = 0; step < confidenceSteps; step += 7) {
      const { matching } = at(step / confidenceSteps)
      for (const [c, { precision, recall }] of rates.entries()) {
        const positives = matching.positives[c * matching.ranges.length] ?? 0
        if (positives === 0) {
          expect([precision, recall]).toEqual([[], []])
          continue
        }
        const counted = { hits: 0, all: 0 }
        for (let i = matching.classStart[c] ?? 0; i < (matching.classStart[c + 1] ?? 0); i++) {
          const place = i * matching.ranges.length
          if ((matching.ignored[place] ?? 0) & 1) continue
          counted.all++
          if ((matching.matched[place] ?? 0) & 1) counted.hits++
        }
        expect(precision[step]).toBeCloseTo(counted.all === 0 ? -1 : counted.hits / counted.all, 12)
        expect(recall[step]).toBeCloseTo(counted.hits / positives, 12)
      }
    }
  }
})

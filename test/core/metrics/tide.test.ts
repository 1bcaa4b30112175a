import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DetectionColumns, TruthColumns } from '../../../src/core/metrics/columns.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { tide } from '../../../src/core/metrics/tide.ts'

type Known = {
  images: number
  classes: number
  /** image, class, x, y, w, h, crowd */
  truth: number[][]
  /** image, class, x, y, w, h, score */
  found: number[][]
  ap: number
  counts: number[]
  loss: number[]
  special: number[]
}
const kinds = ['classification', 'localisation', 'both', 'duplicate', 'background', 'missed'] as const
const known = JSON.parse(readFileSync(new URL('tide-values.json', import.meta.url), 'utf8')) as Known[]

function columns({ images, classes, truth, found }: Pick<Known, 'images' | 'classes' | 'truth' | 'found'>) {
  const gt: TruthColumns = emptyTruth(truth.length, images, classes)
  const dt: DetectionColumns = emptyDetections(found.length)
  for (const [i, [image, classId, x, y, w, h, crowd]] of (truth as never as number[][]).entries()) {
    for (const [key, value] of Object.entries({ image, classId, x, y, w, h, crowd, area: w! * h! }))
      gt[key as 'x'][i] = value!
  }
  for (const [i, [image, classId, x, y, w, h, score]] of (found as never as number[][]).entries()) {
    for (const [key, value] of Object.entries({ image, classId, x, y, w, h, score })) dt[key as 'x'][i] = value!
  }
  return [gt, dt] as const
}

const place = [0, 0, 100, 100]

describe('error types', () => {
  test.each(known.map((one, i) => [i, one] as const))('equal the published tool on random case %i', (_, one) => {
    const ours = tide(...columns(one))
    expect(ours.ap * 100).toBeCloseTo(one.ap, 9)
    expect(kinds.map((kind) => ours.counts[kind])).toEqual(one.counts)
    for (const [i, kind] of kinds.entries()) expect(ours.loss[kind] * 100, kind).toBeCloseTo(one.loss[i]!, 9)
    expect(ours.falseAlarms * 100).toBeCloseTo(one.special[0]!, 9)
    expect(ours.misses * 100).toBeCloseTo(one.special[1]!, 9)
  })

  test('are one of each kind in eight images made for it', () => {
    const truth = [0, 1, 2, 3, 4, 6].map((image) => [image, 0, ...place, 0])
    const found = [
      [0, 0, ...place, 0.9],
      [1, 1, ...place, 0.8],
      [2, 0, 0, 0, 100, 30, 0.7],
      [3, 1, 0, 0, 100, 30, 0.6],
      [4, 0, ...place, 0.95],
      [4, 0, 0, 0, 100, 90, 0.5],
      [5, 0, 400, 400, 20, 20, 0.4],
      [7, 1, ...place, 0.3],
    ]
    const { ap, counts, loss } = tide(
      ...columns({ images: 8, classes: 2, truth: [...truth, [7, 1, ...place, 0]], found }),
    )
    expect(counts).toEqual({ classification: 1, localisation: 1, both: 1, duplicate: 1, background: 1, missed: 2 })
    expect(ap).toBeCloseTo(0.334983, 6)
    expect(loss.classification).toBeCloseTo(0.16749, 4)
    expect(loss.localisation).toBeCloseTo(0.08416, 4)
    expect(loss.both).toBeCloseTo(0.08333, 4)
    expect(loss.missed).toBeCloseTo(0.08416, 4)
  })

  test('of nothing are nothing', () => {
    const { ap, counts } = tide(emptyTruth(0, 3, 2), emptyDetections(0))
    expect(ap).toBe(0)
    expect(Object.values(counts).every((count) => count === 0)).toBe(true)
  })
})

import { describe, expect, test } from 'vitest'
import { compareSides } from '../../../src/core/compare/drift.ts'
import { type DriftSide, driftColumns } from '../../../src/core/compare/drift-columns.ts'
import { decideDrift } from '../../../src/core/compare/drift-decide.ts'
import { pairedUnits, unitsOf } from '../../../src/core/compare/drift-units.ts'
import type { Dataset } from '../../../src/core/dataset/model.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { type DriftWorld, driftClasses, driftWorld } from './drift-world.ts'

// SLUICE_DRIFT_TRIALS=10000 makes the large run of docs/drift.md.
const large = process.env.SLUICE_DRIFT_TRIALS
const trials = Number(large ?? 1000)

/** Names of measures that drifted between two sides, as a proposal would be told. */
function alarms(before: DriftSide, after: DriftSide, random: Random): string[] {
  const units = unitsOf(before, after)
  const sides = { before, after, classes: driftClasses, meant: new Set<string>() }
  return decideDrift(compareSides('added', sides, units, random)).flatMap(({ name, verdict }) =>
    verdict === 'drift' ? [name] : [],
  )
}

/** A random split: some scenes (or images, where no scenes are told) are what is added. */
function split(dataset: Dataset, added: number, random: Random, whole: boolean) {
  const columns = driftColumns(dataset, driftClasses)
  const frames = whole ? 4 : 1
  const units = random.shuffle(Array.from({ length: dataset.images.length / frames }, (_, i) => i))
  const take = (list: number[]) =>
    Uint32Array.from(
      list.flatMap((u) => Array.from({ length: frames }, (_, k) => u * frames + k)).sort((a, b) => a - b),
    )
  return {
    before: { columns, images: take(units.slice(added / frames)) },
    after: { columns, images: take(units.slice(0, added / frames)) },
  }
}

describe('random splits of one data set', () => {
  test.each<[string, number, number, boolean, number]>([
    ['scenes are told, 60 of 600 images', 600, 60, true, trials],
    ['independent images, 100 of 500', 500, 100, false, Math.ceil(trials / 5)],
    ['scenes are told, 20 of 200 images', 200, 20, true, Math.ceil(trials / 5)],
  ])('%s: at most one trial in a hundred raises an alarm', (title, images, added, told, count) => {
    const random = seededRandom(title)
    const worlds = 10
    let alarmed = 0
    for (let world = 0; world < worlds; world++) {
      const kind = told ? { scenes: images / 4, frames: 4 } : { scenes: images, frames: 1 }
      const dataset = driftWorld({ ...kind, seed: `${title} ${world}`, told })
      for (let trial = 0; trial < count / worlds; trial++) {
        const { before, after } = split(dataset, added, random, told)
        if (alarms(before, after, random).length > 0) alarmed++
      }
    }
    if (large) console.log(`${title}: ${alarmed} alarms in ${count} trials`)
    expect(alarmed / count).toBeLessThanOrEqual(0.01)
  })
})

test('relabelling that leans to no side: at most one proposal in a hundred raises an alarm', () => {
  const random = seededRandom('leans to no side')
  const count = Math.ceil(trials / 5)
  let alarmed = 0
  for (let trial = 0; trial < count; trial++) {
    const seed = `relabelled ${trial % 10}`
    const [before, after] = [whole({ scenes: 20, frames: 3, seed }), whole({ scenes: 20, frames: 3, seed })]
    const { columns } = after
    columns.boxes['box size'] = columns.boxes['box size'].map((size) => size * random.uniform(0.8, 1.25))
    // A labeller who takes tools and vests for each other, whole scenes at a time, as often this way as that.
    for (let scene = 0; scene < 20; scene++) {
      const [from, to] = random.next() < 0.5 ? [2, 3] : [3, 2]
      for (let row = columns.start[scene * 3] as number; row < (columns.start[scene * 3 + 3] as number); row++)
        if (columns.classOf[row] === from && random.next() < 0.5) columns.classOf[row] = to
    }
    const relabelled = random.next() < 0.5 ? { before, after } : { before: after, after: before }
    const sides = { ...relabelled, classes: driftClasses, meant: new Set<string>() }
    const measures = decideDrift(compareSides('relabelled', sides, pairedUnits(before, after), random))
    expect(measures.length).toBeGreaterThan(8)
    if (measures.some(({ verdict }) => verdict === 'drift')) alarmed++
  }
  if (large) console.log(`relabelled: ${alarmed} alarms in ${count} trials`)
  expect(alarmed / count).toBeLessThanOrEqual(0.01)
})

// Each plants about 1.5 times the limit, measured on 8,000 images a side: gap .15, share h .2, mix .1.
const plants: [string, Partial<DriftWorld>][] = [
  ['brightness', { light: 14.6 }],
  ['box size', { size: 1.6 }],
  ['box x', { right: 0.155 }],
  ['boxes an image', { people: 0.67 }],
  ['share of tool', { tools: 0.5 }],
  ['class mix', { tools: 0.6 }],
]
const found = Math.max(20, Math.ceil(trials / 40))

test.each(plants)(
  '%s: a shift of 1.5 times the limit is found in nineteen of twenty proposals with 500 new images',
  (name, plant) => {
    let hits = 0
    const bases = Array.from({ length: 3 }, (_, k) =>
      whole({ scenes: 2000, frames: 1, seed: `base ${name} ${k}`, told: false }),
    )
    for (let trial = 0; trial < found; trial++) {
      const before = bases[trial % bases.length] as DriftSide
      const after = whole({ scenes: 500, frames: 1, seed: `new ${name} ${trial}`, told: false, ...plant })
      if (alarms(before, after, seededRandom(`${name} ${trial}`)).includes(name)) hits++
    }
    if (large) console.log(`${name}: found in ${hits} of ${found}`)
    expect(hits / found).toBeGreaterThanOrEqual(0.95)
  },
)

function whole(world: DriftWorld): DriftSide {
  const dataset = driftWorld(world)
  return { columns: driftColumns(dataset, driftClasses), images: Uint32Array.from(dataset.images, (_, i) => i) }
}

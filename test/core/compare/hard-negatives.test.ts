import { describe, expect, test } from 'vitest'
import { findHardNegatives } from '../../../src/core/compare/hard-negatives.ts'
import type { MistakeContext } from '../../../src/core/compare/hard-signs.ts'
import { hardNegatives } from '../../../src/core/documents/hard-negatives.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { type Extra, type Plant, plantedWorld } from './mistake-world.ts'

const causeOf = (plants: (Plant | Extra)[], context: MistakeContext = {}, seed = 1) => {
  const { set, planted } = plantedWorld(plants, seed)
  const body = findHardNegatives(set, { confidence: 0.25, most: 1000, context })
  const of = (image: string) =>
    body.items.filter((item) => item.image === image).map(({ cause, also }) => [cause, ...also].join(' '))
  return { body, planted, of: planted.map(({ image, plant }) => [plant, of(image)] as const) }
}

describe('a planted mistake is put under its cause', () => {
  const expected: Record<Plant, string[]> = {
    'missing label': ['label-error'],
    'swapped label': ['label-error confusion'],
    'tiny object': ['small-object'],
    'hidden object': ['occlusion'],
    'shifted box': ['localisation'],
    'wrong class': ['confusion'],
    'second box': ['duplicate'],
    'unsure phantom': ['background'],
    'plain miss': ['unexplained'],
  }
  const plants = Object.keys(expected) as Plant[]

  test.each(plants)('%s', (plant) => {
    expect(causeOf([plant]).of).toEqual([[plant, expected[plant]]])
  })

  test('all of them at once, ten of each, in five worlds', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { of, body } = causeOf(
        plants.flatMap((plant) => new Array<Plant>(10).fill(plant)),
        {},
        seed,
      )
      for (const [plant, causes] of of) expect([plant, causes]).toEqual([plant, expected[plant]])
      expect(body.items).toHaveLength(body.falseAlarms + body.misses)
      expect(problemsOf(hardNegatives, body)).toEqual([])
    }
  })
})

test('a model without mistakes has no hard negatives', () => {
  const { body } = causeOf([])
  expect([body.falseAlarms, body.misses, body.items]).toEqual([0, 0, []])
  expect(body.byCause.every(({ falseAlarms, misses }) => falseAlarms + misses === 0)).toBe(true)
})

describe('signs', () => {
  test('small objects are no cause where large ones are missed as often', () => {
    const { body, of } = causeOf([...new Array<Plant>(6).fill('plain miss'), 'tiny object', ...tinyFound(60)])
    expect(body.signs).toMatchObject([{ cause: 'small-object', objects: 61, notFound: 1, others: 106 }])
    expect(of.map(([, causes]) => causes)).toEqual(new Array(7).fill(['unexplained']))
  })

  test('an object narrower than a cell of the network is small, however large its picture', () => {
    const { set, planted } = plantedWorld(['plain miss'])
    const sizes = set.images.map(() => ({ width: 6400, height: 4800 }))
    const plain = findHardNegatives(set, { confidence: 0.25, most: 10, context: { sizes } })
    expect(plain.items.map(({ cause }) => cause)).toEqual(['unexplained'])
    const tight = findHardNegatives(set, { confidence: 0.25, most: 10, context: { sizes, networkSize: 320 } })
    // All other objects are as large, so that size tells nothing here.
    expect(tight.signs[0]).toMatchObject({ cause: 'small-object', others: 0 })
    expect(tight.items.map(({ cause }) => cause)).toEqual(['unexplained'])
    expect(planted).toHaveLength(1)
  })

  test('parts that always lie on their whole hide nothing', () => {
    const { set } = plantedWorld(['helmet missed', ...helmets(30)])
    const body = findHardNegatives(set, { confidence: 0.25, most: 10 })
    expect(body.signs.filter(({ cause }) => cause === 'occlusion')).toEqual([])
    expect(body.items.map(({ cause }) => cause)).toEqual(['unexplained'])
  })

  test('what an annotator says of hiding goes before what the boxes look like', () => {
    const { set, planted } = plantedWorld(['hidden object', 'plain miss'])
    const hidden = new Float64Array(set.truth.count).fill(0)
    const [, plain] = planted
    const image = set.images.indexOf(plain?.image ?? '')
    hidden[set.truth.image.indexOf(image)] = 0.4
    const body = findHardNegatives(set, { confidence: 0.25, most: 10, context: { hidden } })
    const causes = planted.map(({ image: name }) =>
      body.items.filter((item) => item.image === name).map((i) => i.cause),
    )
    expect(causes).toEqual([['unexplained'], ['occlusion']])
  })
})

describe('domain gap', () => {
  const world = (misses: number, plants: Plant[] = []) => {
    const { set } = plantedWorld([...new Array<Plant>(misses).fill('plain miss'), ...plants])
    const values = set.images.map((name, i) => (name.includes('plain-miss') || i % 7 === 0 ? 'night' : 'yard'))
    return { ...set, groups: [{ slice: 'camera', values }] }
  }
  const trained = (of: Record<string, number>) =>
    new Map([
      ['camera', { images: Object.values(of).reduce((a, b) => a + b, 0), of: new Map(Object.entries(of)) }],
    ]) as NonNullable<MistakeContext['training']>
  const causes = (set: ReturnType<typeof world>, training?: NonNullable<MistakeContext['training']>) =>
    findHardNegatives(set, { confidence: 0.25, most: 50, ...(training ? { context: { training } } : {}) }).items.map(
      ({ cause, why }) => `${cause}: ${why}`,
    )

  test('a camera that training never saw, or hardly ever', () => {
    expect(causes(world(2), trained({ yard: 100 }))).toEqual(
      new Array(2).fill('domain-gap: no training image has the camera night'),
    )
    expect(causes(world(1), trained({ yard: 400, night: 1 }))[0]).toMatch(/^domain-gap: 1 of 401 training images/)
    expect(causes(world(1), trained({ yard: 60, night: 40 }))).toEqual(['unexplained: nothing was found here'])
  })

  test('a camera whose objects are found far less often, and only beyond chance', () => {
    expect(causes(world(12))[0]).toMatch(/^domain-gap: of camera night, \d+ % are not found, elsewhere 0 %$/)
    expect(causes(world(1))).toEqual(['unexplained: nothing was found here'])
  })

  test('a strange camera explains no mistake that has a nearer cause', () => {
    const set = world(3, ['swapped label', 'second box'])
    set.groups[0]!.values.fill('night', 80)
    expect(causes(set, trained({ yard: 9 })).filter((cause) => !cause.startsWith('domain-gap'))).toHaveLength(2)
  })
})

test('the worst of each cause are listed, surest first, and all are counted', () => {
  const { set } = plantedWorld(new Array<Plant>(12).fill('missing label'))
  const body = findHardNegatives(set, { confidence: 0.25, most: 5 })
  expect(body.byCause[0]).toEqual({ cause: 'label-error', falseAlarms: 12, misses: 0, listed: 5 })
  const scores = body.items.map(({ predicted }) => predicted?.score ?? 0)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
  const all = findHardNegatives(set, { confidence: 0.25, most: 12 }).items.map(({ predicted }) => predicted?.score ?? 0)
  expect(scores).toEqual(all.slice(0, 5))
})

test('the confidence decides what counts as found', () => {
  const { set } = plantedWorld(['unsure phantom'])
  expect(findHardNegatives(set, { confidence: 0.25, most: 5 }).falseAlarms).toBe(1)
  const strict = findHardNegatives(set, { confidence: 0.9999, most: 5 })
  expect([strict.falseAlarms, strict.misses]).toEqual([0, set.truth.count])
})

function tinyFound(count: number): Extra[] {
  return new Array<Extra>(count).fill('tiny object found')
}

function helmets(count: number): Extra[] {
  return new Array<Extra>(count).fill('helmet found')
}

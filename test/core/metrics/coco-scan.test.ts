import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  parseJsonFile,
  readCocoDetections,
  readCocoTruth,
  readDetectionsFile,
} from '../../../src/core/metrics/coco-json.ts'
import { scanDetections } from '../../../src/core/metrics/coco-scan.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const coco = readCocoTruth(
  { images: [{ id: 7 }, { id: 3 }, { id: 900000000000 }], categories: [{ id: 1 }, { id: 90 }], annotations: [] },
  'gt.json',
)
const ids = {
  image: (id: number) => new Map(coco.imageIds.map((known, i) => [known, i])).get(id),
  category: (id: number) => new Map(coco.categoryIds.map((known, i) => [known, i])).get(id),
}
const bytesOf = (text: string) => new TextEncoder().encode(text)
const scan = (text: string) => scanDetections(bytesOf(text), ids)
const exact = (text: string) => readCocoDetections(parseJsonFile(text, 'dt.json'), 'dt.json', coco)
const rows = ({ detections }: ReturnType<typeof exact>) =>
  Array.from({ length: detections.count }, (_, i) =>
    (['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const).map((key) => detections[key][i]),
  )

const random = seededRandom('coco-scan')
const numbers = [
  () => random.uniform(0, 1000),
  () => random.int(500),
  () => Number(random.uniform(0, 500).toFixed(2)),
  () => random.uniform(0, 1) * 10 ** -random.int(25),
  () => random.uniform(0, 1) * 10 ** random.int(25),
]
const space = () => random.pick(['', '', ' ', '\n', '\t ', '\r\n'])
/** One detection as some program might write it: keys in any order, further keys, white space, exponents. */
function written(): string {
  const number = () => {
    const value = random.pick(numbers)()
    return random.pick([String(value), JSON.stringify(value), value.toExponential(), value.toPrecision(17)])
  }
  const fields = random.shuffle([
    `"image_id"${space()}:${space()}${random.pick([7, 3, 900000000000])}`,
    `"category_id":${space()}${random.pick([1, 90, 5])}`,
    `"bbox":${space()}[${[number(), number(), number(), number()].join(`${space()},${space()}`)}${space()}]`,
    `"score":${number()}`,
    ...(random.next() < 0.3 ? [`"id":${random.int(1000)}`, `"area"${space()}: ${number()}`] : []),
  ])
  return `${space()}{${space()}${fields.join(`${space()},${space()}`)}${space()}}${space()}`
}

describe('the fast scanner of COCO results', () => {
  test('reads to the last bit what the exact reader reads', () => {
    for (let round = 0; round < 200; round++) {
      const text = `${space()}[${Array.from({ length: random.int(40) }, written).join(',')}]${space()}`
      const fast = scan(text)
      expect(fast, text).not.toBeNull()
      expect(rows(fast as NonNullable<typeof fast>)).toEqual(rows(exact(text)))
      expect(fast?.unknownCategory).toBe(exact(text).unknownCategory)
    }
  })

  const one = '{"image_id":7,"category_id":1,"bbox":[0,0,1,1],"score":0.5}'
  test.each([
    ['nothing', ''],
    ['no list', one],
    ['an unclosed list', `[${one}`],
    ['a trailing comma', `[${one},]`],
    ['text after the list', `[${one}] x`],
    ['an image id as text', `[${one.replace('7', '"7"')}]`],
    ['an unknown image', `[${one.replace('7', '8')}]`],
    ['a broken id', `[${one.replace('7', '7.5')}]`],
    ['a leading zero', `[${one.replace('0.5', '00.5')}]`],
    ['a leading plus', `[${one.replace('0.5', '+0.5')}]`],
    ['a bare point', `[${one.replace('0.5', '.5')}]`],
    ['a point without digits', `[${one.replace('0.5', '5.')}]`],
    ['NaN', `[${one.replace('0.5', 'NaN')}]`],
    ['a negative width', `[${one.replace('1,1]', '-1,1]')}]`],
    ['a box of three', `[${one.replace('[0,0,', '[0,')}]`],
    ['a missing score', `[${one.replace(',"score":0.5', '')}]`],
    ['an escaped key', `[${one.replace('score', 'sc\\u006fre')}]`],
    ['an infinite score', `[${one.replace('0.5', '1e999')}]`],
  ])('leaves %s to the exact reader', (_, text) => {
    expect(scan(text)).toBeNull()
  })

  test('and the exact reader together answer every input with detections or a UsageError', () => {
    const mutated = fc
      .tuple(fc.nat(one.length), fc.string({ maxLength: 3, unit: 'binary' }), fc.nat(4))
      .map(([at, put, cut]) => `[${one.slice(0, at)}${put}${one.slice(at + cut)}]`)
    fc.assert(
      fc.property(mutated, (text) => {
        let told: unknown
        try {
          told = rows(readDetectionsFile(bytesOf(text), 'dt.json', coco))
        } catch (error) {
          told = (error as Error).name
        }
        let wanted: unknown
        try {
          wanted = rows(exact(new TextDecoder().decode(bytesOf(text))))
        } catch (error) {
          wanted = (error as Error).name
        }
        expect(told).toEqual(wanted)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})

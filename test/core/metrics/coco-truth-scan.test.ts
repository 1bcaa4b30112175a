import { expect, test } from 'vitest'
import { parseJsonFile, readCocoTruth, readTruthFile } from '../../../src/core/metrics/coco-json.ts'
import { scanTruth } from '../../../src/core/metrics/coco-truth-scan.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const random = seededRandom('coco-truth-scan')
const bytesOf = (text: string) => new TextEncoder().encode(text)
const space = () => random.pick(['', '', '', ' ', '\n', '\r\n\t'])
const number = () => {
  const value = random.pick([random.uniform(0, 500), random.int(400), Number(random.uniform(0, 600).toFixed(2))])
  return random.pick([String(value), value.toExponential(), value.toPrecision(17)])
}

/** What a reader makes of a file: its columns and names, or what it says is wrong. */
function outcome(read: () => ReturnType<typeof readCocoTruth>): unknown {
  try {
    return read()
  } catch (error) {
    return { message: (error as Error).message, where: (error as { where?: string }).where }
  }
}
const fast = (text: string) => outcome(() => readTruthFile(bytesOf(text), 'gt.json'))
const exact = (text: string) => outcome(() => readCocoTruth(parseJsonFile(text, 'gt.json'), 'gt.json'))

/** An annotation as some program might write it; `alike` ones differ in their numbers alone. */
function annotation(id: number, alike: boolean): string {
  const box = `"bbox":[${[number(), number(), number(), number()].join(', ')}]`
  const ids = [`"id":${id}`, `"image_id": ${random.int(5) + 1}`, `"category_id":${random.pick([1, 90])}`]
  if (alike) return `{${[...ids, box, `"area":${number()}`, `"iscrowd":${random.int(2)}`].join(', ')}}`
  const further = random.shuffle([
    `"area"${space()}:${number()}`,
    `"iscrowd":${random.pick(['0', '1', 'true', 'false'])}`,
    `"segmentation":[[${number()},${number()}],[]]`,
    '"rle":{"counts":"a]b}","size":[1,2],"none":null,"flags":[true,false,{}]}',
    '"note":"x"',
  ])
  return `{${space()}${random.shuffle([...ids, box, ...further.slice(random.int(6))]).join(`${space()},${space()}`)}}`
}

function file(count: number, alike: boolean): string {
  const first = random.pick([0, 1, 7])
  const ids = Array.from({ length: count }, (_, i) => first + i)
  const rows = (alike ? ids : random.shuffle(ids)).map((id) => annotation(id, alike))
  const parts = [
    `"images":${space()}[${[3, 1, 2, 5, 4].map((id) => `{"id":${id},"file_name":"${id}.jpg"}`).join(space() || ',')}]`,
    `"categories":[{"id":90,"name":"é"},{"id":1}]`,
    `"annotations":${space()}[${rows.join(',')}${space()}]`,
    `"info":{"year":2026,"deep":[[[{"a":[]}]]]}`,
  ].map((part) => part.replaceAll(/\}[\s]+\{/g, '},{'))
  return `${space()}{${random.shuffle(parts).join(`${space()},${space()}`)}}${space()}`
}

test('reads to the last bit what the exact reader reads, whatever the order of keys and rows', () => {
  for (let round = 0; round < 300; round++) {
    const text = file(random.int(30), round % 2 === 0)
    expect(scanTruth(bytesOf(text)), text).not.toBeNull()
    expect(fast(text), text).toEqual(exact(text))
  }
})

test('a file that ends at any byte, or lacks one, is refused as the exact reader refuses it', () => {
  const text = file(4, true)
  for (let at = 0; at < text.length; at++) {
    for (const broken of [text.slice(0, at), text.slice(0, at) + text.slice(at + 1)]) {
      expect(fast(broken), broken).toEqual(exact(broken))
    }
  }
})

test.each([
  ['an id taken twice', '{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1]}'],
  ['an image that is not listed', '{"id":2,"image_id":9,"category_id":1,"bbox":[0,0,1,1]}'],
  ['a category that is not listed', '{"id":2,"image_id":1,"category_id":9,"bbox":[0,0,1,1]}'],
  ['a negative size', '{"id":2,"image_id":1,"category_id":1,"bbox":[0,0,-1,1]}'],
  ['a crowd of 2', '{"id":2,"image_id":1,"category_id":1,"bbox":[0,0,1,1],"iscrowd":2}'],
  ['an id that is no whole number', '{"id":2.5,"image_id":1,"category_id":1,"bbox":[0,0,1,1]}'],
  ['an infinite number', '{"id":2,"image_id":1,"category_id":1,"bbox":[0,0,1,1e999]}'],
  ['an area of null', '{"id":2,"image_id":1,"category_id":1,"bbox":[0,0,1,1],"area":null}'],
  ['a number after a number', '{"id":2,"image_id":1,"category_id":1,"bbox":[0,0,1,1 1]}'],
  ['a key written with an escape', '{"\\u0069d":2,"image_id":1,"category_id":1,"bbox":[0,0,1,1]}'],
  ['an annotation id that is text', '{"id":"b","image_id":1,"category_id":1,"bbox":[0,0,1,1]}'],
])('%s gets the answer of the exact reader', (_, row) => {
  const good = '{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1]}'
  for (const rows of [`${good},${row}`, `${row},${good}`, row]) {
    const text = `{"images":[{"id":1}],"categories":[{"id":1}],"annotations":[${rows}]}`
    expect(fast(text), text).toEqual(exact(text))
  }
})

test('a list that is given twice holds what comes last, as in JSON', () => {
  const text = '{"images":[{"id":1}],"images":[{"id":2}],"categories":[],"annotations":[]}'
  expect(fast(text)).toEqual(exact(text))
  expect(fast(text)).toMatchObject({ imageIds: [2] })
})

import { expect, test } from 'vitest'
import { streamLists } from '../../../src/core/dataset/formats/json-stream.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

/** The text cut in pieces of a size; whole for 0. */
function pieces(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  if (size === 0) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size))
}

type Told = { values: unknown[]; line: number[]; column: number[] }

function read(text: string, size = 0, keys = ['a', 'b']): { [key: string]: Told } {
  const told: { [key: string]: Told } = {}
  const lists = streamLists(pieces(text, size), keys, 'x.json', (key, { values, line, column }) => {
    told[key] ??= { values: [], line: [], column: [] }
    told[key].values.push(...values)
    told[key].line.push(...line)
    told[key].column.push(...column)
  })
  for (const key of lists) told[key] ??= { values: [], line: [], column: [] }
  return told
}

const words = ['', 'x', '"', '\\', '\\"', '}', '],', 'ä', '語', '\n', '\u2028', '{"a":[', ',', ' : ']

function value(random: Random, depth: number): unknown {
  const kind = random.int(depth > 3 ? 4 : 6)
  if (kind === 0) return random.pick([null, true, false])
  if (kind === 1) return random.pick([0, -1.5e-7, 12345678, 1e21, 0.1])
  if (kind < 4) return random.pick(words) + random.pick(words)
  const list = Array.from({ length: random.int(4) }, () => value(random, depth + 1))
  return kind === 4 ? list : Object.fromEntries(list.map((item, i) => [random.pick(words) + i, item]))
}

test('lists are those of JSON.parse, whatever pieces the file comes in, with the place of each element', () => {
  const random = seededRandom('json stream')
  for (let i = 0; i < 400; i++) {
    const list = () => Array.from({ length: random.int(6) }, () => value(random, 1))
    const whole = { info: value(random, 0), a: list(), between: value(random, 0), b: list(), c: list() }
    const text = JSON.stringify(whole, null, random.pick([undefined, 0, 1, '\t']))
    const told = read(random.pick(['', '\ufeff', '\n ']) + text, random.pick([0, 1, 2, 7, 64]))
    expect(Object.keys(told).sort()).toEqual(['a', 'b'])
    for (const key of ['a', 'b'] as const) expect(told[key]?.values).toEqual(whole[key])
  }
})

test('an element is told with its line and its byte in the line', () => {
  const { a } = read('{"a": [\n  1,  "ä", {"x":\n [2]} , null],\r\n "b":[]}', 3)
  expect(a).toEqual({ values: [1, 'ä', { x: [2] }, null], line: [2, 2, 2, 3], column: [3, 7, 13, 9] })
})

test('a text that JSON.parse refuses is refused, and one that it takes is taken', () => {
  const random = seededRandom('mutated')
  let refused = 0
  for (let i = 0; i < 3000; i++) {
    const sound = JSON.stringify({
      a: [value(random, 1), value(random, 1)],
      x: value(random, 0),
      b: [value(random, 1)],
    })
    const at = random.int(sound.length)
    const broken =
      sound.slice(0, at) +
      random.pick(['', ',', ']', '"', '}', '[', '0', 'x', ':', '\\']) +
      sound.slice(at + random.int(3))
    let expected: unknown
    try {
      expected = JSON.parse(broken)
    } catch {
      expected = undefined
    }
    const isObject = expected !== null && typeof expected === 'object' && !Array.isArray(expected)
    try {
      const told = read(broken, random.pick([0, 5]))
      expect(isObject, broken).toBe(true)
      for (const [key, { values }] of Object.entries(told))
        expect(values, broken).toEqual((expected as Record<string, unknown>)[key])
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      refused++
      const twice = /there twice/.test(error.message)
      expect(isObject && !twice, `${broken} ${error.message}`).toBe(false)
    }
  }
  expect(refused).toBeGreaterThan(1000)
})

test('a file that is cut off anywhere is refused with the byte where it ends', () => {
  const text = '{"a": [{"x": [1, 2.5]}, "two"], "info": {"y": "z"}, "b": []}'
  for (let at = 0; at < text.length; at++) {
    expect(() => read(text.slice(0, at), 3), String(at)).toThrow(UsageError)
    if (at > 0) expect(() => read(text.slice(0, at), 3), String(at)).toThrow(new RegExp(`byte ${at}\\b`))
  }
})

test.each<[string, Uint8Array | string, string]>([
  ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0]), 'gzip'],
  ['UTF-16', new Uint8Array(Buffer.from('\ufeff{"a":[]}', 'utf16le')), 'UTF-16'],
  ['a page', '<!doctype html><html>', 'HTML'],
  ['a list', '[1]', 'expected an object'],
  ['nothing', '', 'ends at byte 0'],
  ['NaN', '{"a": [\n{"x": NaN}]}', 'NaN is not a number that JSON knows'],
  [
    'bytes that are no UTF-8',
    new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x5b, 0x22, 0xff, 0x22, 0x5d, 0x7d]),
    'UTF-8',
  ],
  ['a key twice', '{"a": [], "a": []}', 'there twice'],
  ['a control character', '{"a": [\u0001]}', 'control'],
])('%s is refused in words', (_, content, words) => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  expect(() => streamLists([bytes], ['a'], 'x.json', () => {})).toThrow(words)
})

test('brackets a million deep do not exhaust the stack', () => {
  const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
  try {
    read(`{"info": ${deep}, "a": []}`)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
  }
})

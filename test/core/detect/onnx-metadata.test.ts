import { expect, test } from 'vitest'
import { readOnnxMetadata } from '../../../src/core/detect/onnx-metadata.ts'
import { parsePythonLiteral } from '../../../src/core/detect/python-literal.ts'
import { constantModel } from '../../adapters/onnx-writer.ts'

const model = (metadata: Record<string, string>) =>
  constantModel({ dims: [1, 6, 4], values: new Float32Array(24), metadata })

test('reads names, size, stride and task that an export wrote', () => {
  const read = readOnnxMetadata(
    model({ names: "{0: 'person', 1: \"it's\"}", imgsz: '[160, 160]', stride: '32', task: 'detect', end2end: 'False' }),
  )
  expect(read).toMatchObject({ names: ['person', "it's"], imageSize: 160, stride: 32, task: 'detect', endToEnd: false })
})

test('says null for what the file does not say', () => {
  const read = readOnnxMetadata(model({}))
  expect(read).toMatchObject({ names: null, imageSize: null, stride: null, task: null, endToEnd: null })
})

test('takes suppression exported with the graph for end to end', () => {
  expect(readOnnxMetadata(model({ args: "{'nms': True, 'batch': 1}", end2end: 'False' })).endToEnd).toBe(true)
})

test('the last of two entries of one key wins, and keys of the prototype are plain keys', () => {
  const twice = new Uint8Array(Buffer.concat([model({ task: 'segment' }), model({ task: 'detect', __proto__x: '1' })]))
  const read = readOnnxMetadata(twice)
  expect(read.task).toBe('detect')
  expect(readOnnxMetadata(model(JSON.parse('{"__proto__": "x"}'))).raw).toHaveProperty(['__proto__'], 'x')
})

test('names with a hole in their ids are no names', () => {
  expect(readOnnxMetadata(model({ names: "{0: 'a', 2: 'b'}" })).names).toBeNull()
  expect(readOnnxMetadata(model({ names: "['a', 'b']" })).names).toEqual(['a', 'b'])
  expect(readOnnxMetadata(model({ names: 'print("x")' })).names).toBeNull()
})

test.each([
  ["{'a': 1, 'b': [True, None, -2.5e3], 'c': ('x',), 'd': {}}", { a: 1, b: [true, null, -2500], c: ['x'], d: {} }],
  ["'it\\'s \\x41\\u00e9\\n'", "it's Aé\n"],
  ['()', []],
  ["{0: 'a', 1: 'b',}", { 0: 'a', 1: 'b' }],
])('reads the Python literal %s', (text, value) => {
  expect(parsePythonLiteral(text)).toEqual(value)
})

test.each(['', '{', "{'a'}", "{'a': }", '[1 2]', "'open", 'True False', '__import__("os")', '[,]', '1 +', '{[1]: 2'])(
  'takes %j for no literal',
  (text) => {
    expect(parsePythonLiteral(text)).toBeNull()
  },
)

test('does not follow nesting without end', () => {
  expect(parsePythonLiteral('['.repeat(100_000))).toBeNull()
  expect(parsePythonLiteral(`${'['.repeat(100)}${']'.repeat(100)}`)).toBeNull()
})

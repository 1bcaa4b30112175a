import { expect, test } from 'vitest'
import { keypointShape } from '../../../src/core/dataset/formats/keypoints.ts'
import type { LabelGrammar } from '../../../src/core/dataset/label-grammar.ts'
import { parseYoloLabels } from '../../../src/core/dataset/yolo-labels.ts'
import { readPlainRow } from '../../../src/core/dataset/yolo-plain-row.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const site: LabelGrammar = { classCount: 3, names: ['person', 'helmet', 'vest'], keypoints: null }

function read(text: string, grammar: LabelGrammar = site): { rows: number[][]; defects: string[] } {
  const rows: number[][] = []
  const defects: string[] = []
  parseYoloLabels(Buffer.from(text), Buffer.byteLength(text), grammar, {
    row: (...row) => void rows.push(row),
    defect: (code, line, column, message) => void defects.push(`${code} ${line}:${column} ${message}`),
  })
  return { rows, defects }
}

test.each([
  [
    'a prediction with its confidence',
    '0 .5 .5 .2 .2 0.91',
    'label-columns',
    'looks like the confidence of a prediction',
  ],
  ['a track number', '0 .5 .5 .2 .2 17', 'label-columns', 'it is no label'],
  ['a name in place of its id', 'Helmet 0.5 0.5 0.1 0.1', 'label-class', 'the class of this name has the id 1'],
  ['a name that is no class', 'crane 0.5 0.5 0.1 0.1', 'label-class', '"crane" is not a whole number from 0 to 2'],
  ['the class written last', '0.5 0.4 0.2 0.1 2', 'label-class', 'write "2 0.5 0.4 0.2 0.1"'],
  ['pixels', '0 640 320 50 50', 'label-range', 'looks like pixels'],
  ['a decimal comma', '0 0,5 0.5 0.1 0.1', 'label-number', 'write a point: 0.5'],
  [
    'keypoints that no shape was declared for',
    `0 ${'.5 '.repeat(19)}`,
    'label-columns',
    '5 keypoints would need kpt_shape',
  ],
  [
    'an oriented box among boxes',
    '0 .1 .1 .4 .1 .4 .6 .1 .6\n0 .5 .5 .1 .1',
    'label-columns',
    'oriented boxes (9 fields) (line 1)',
  ],
  ['a class id without end', '4000000000 .5 .5 .1 .1', 'label-class', 'only classes 0 to 2'],
])('says what was meant: %s', (_, text, code, says) => {
  const { defects } = read(text)
  expect(defects).toHaveLength(1)
  expect(defects[0]).toMatch(new RegExp(`^${code} `))
  expect(defects[0]).toContain(says)
})

test('a file of oriented boxes is taken as their upright boxes, and said to be one', () => {
  const { rows, defects } = read('1 .1 .1 .4 .1 .4 .6 .1 .6\n')
  expect(rows).toEqual([[1, 0.25, 0.35, expect.closeTo(0.3, 12), 0.5, 1]])
  expect(defects).toEqual(['label-oriented 1:1 9 fields a row: oriented boxes, class and four corners'])
})

test('with keypoints declared a row has class, box and keypoints, or is a box of another task, never both in a file', () => {
  const pose: LabelGrammar = { ...site, keypoints: { count: 2, dims: 3 } }
  expect(read('0 .5 .5 .2 .2 .4 .4 2 0 0 0\n', pose)).toEqual({ rows: [[0, 0.5, 0.5, 0.2, 0.2, 1]], defects: [] })
  expect(read('0 .5 .5 .2 .2\n', pose).defects).toEqual([])
  expect(read('0 .5 .5 .2 .2 .4 .4 2 0 0 0\n1 .5 .5 .1 .1\n', pose).defects[0]).toContain(
    'rows with keypoints (line 1)',
  )
  expect(read('0 .5 .5 .2 .2 .4 .4 2\n', pose).defects[0]).toContain('8 fields; with kpt_shape [2, 3] a row has 11')
  expect(read('0 .5 .5 .2 .2 .4 1.4 2 0 0 0\n', pose).defects[0]).toContain(
    '1:18 y of keypoint 1 is 1.4, outside 0 to 1',
  )
})

test('where no class is known an id that no data set has is refused, however large', () => {
  const unknown = { ...site, classCount: 0, names: [] }
  expect(read('2147483647 .5 .5 .1 .1', unknown).defects[0]).toContain('past any number of classes')
  expect(read('99999 .5 .5 .1 .1', unknown).defects).toEqual([])
})

test('kpt_shape is read from a data.yaml, and refused with its line where it is none', () => {
  expect(keypointShape('names: [a]\nkpt_shape: [17, 3] # x, y, visible\n', 'data.yaml')).toEqual({ count: 17, dims: 3 })
  expect(keypointShape('kpt_shape:\n  - 4\n  - 2\n', 'data.yaml')).toEqual({ count: 4, dims: 2 })
  expect(keypointShape('names: [kpt_shape]\n', 'data.yaml')).toBeNull()
  for (const wrong of ['[17]', '[0, 3]', '[17, 4]', '17', '[1e9, 3]', '[a, b]']) {
    expect(() => keypointShape(`names: [a]\nkpt_shape: ${wrong}\n`, 'data.yaml')).toThrow(
      expect.objectContaining({ where: 'data.yaml:2' }),
    )
  }
})

test('a plain row is read to the same doubles as Number reads them', () => {
  const random = seededRandom('plain rows')
  const plain = { classId: 0, cx: 0, cy: 0, w: 0, h: 0, end: 0 }
  for (let i = 0; i < 5000; i++) {
    const fields = Array.from({ length: 4 }, () => random.next().toFixed(random.int(15)))
    const text = `${random.int(80)} ${fields.join(' ')}\n`
    expect(readPlainRow(Buffer.from(text), 0, text.length, 80, plain), text).toBe(true)
    expect([plain.classId, plain.cx, plain.cy, plain.w, plain.h]).toEqual(text.split(' ').map(Number))
    expect(plain.end).toBe(text.length)
  }
  for (const odd of [
    '0 .5 .5 .5 .5',
    '0 .5 .5 .5 1.5\n',
    '80 .5 .5 .5 .5\n',
    '0 -0 .5 .5 .5\n',
    '0 . .5 .5 .5\n',
    '0  1 1 1 1\n',
  ]) {
    expect(readPlainRow(Buffer.from(odd), 0, odd.length, 80, plain), odd).toBe(false)
  }
})

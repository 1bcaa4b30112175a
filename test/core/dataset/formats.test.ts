import { describe, expect, test } from 'vitest'
import { parseDecimal } from '../../../src/core/dataset/decimal.ts'
import { parseCoco } from '../../../src/core/dataset/formats/coco.ts'
import { parseVoc } from '../../../src/core/dataset/formats/voc.ts'
import { imageNameOf, insideRoot, labelPathOf } from '../../../src/core/dataset/paths.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

test('a decimal is the double that the language itself reads', () => {
  const random = seededRandom('decimals')
  for (let i = 0; i < 20_000; i++) {
    const digits = Array.from({ length: 1 + random.int(20) }, () => random.int(10)).join('')
    const at = random.int(digits.length + 1)
    const text = `${random.pick(['', '-', '+'])}${digits.slice(0, at)}.${digits.slice(at)}${random.pick(['', '', '', 'e-7', 'E5'])}`
    const bytes = Buffer.from(text)
    expect(parseDecimal(bytes, 0, bytes.length), text).toBe(Number(text))
  }
})

test('paths stay in the root, by their parts and not by their looks', () => {
  expect(insideRoot('a/./b/../c')).toBe('a/c')
  expect(insideRoot('../c', 'a/b')).toBe('a/c')
  for (const path of ['../x', 'a/../../x', '/etc', '~/x', 'C:\\x', 'c:x', 'file:///x', 'https://x', 'a\0b', '..\\x']) {
    expect(insideRoot(path), path).toBe(null)
  }
})

test('a label lies where the loader looks for it', () => {
  expect(labelPathOf('images/train/a.b.jpg')).toBe('labels/train/a.b.txt')
  expect(labelPathOf('images/x/images/a.jpg')).toBe('images/x/labels/a.txt')
  expect(labelPathOf('pictures/a.jpg')).toBe('pictures/a.txt')
  expect(imageNameOf('train/images/e\u0301.jpg')).toBe('train/\u00e9')
})

describe('COCO', () => {
  const image = { id: 7, file_name: 'a.jpg', width: 100, height: 50 }
  const categories = [
    { id: 9, name: 'dog' },
    { id: 3, name: 'cat' },
  ]
  const annotation = { id: 1, image_id: 7, category_id: 9, bbox: [10, 20, 30, 5], iscrowd: 0, area: 150 }
  const coco = (change: object) =>
    JSON.stringify({ images: [image], annotations: [annotation], categories, ...change }, null, 1)

  test('classes follow ascending category ids, boxes are pixels with the line of their annotation', () => {
    const text = coco({})
    const { classes, boxes } = parseCoco(text, 'x.json')
    expect(classes).toEqual(['cat', 'dog'])
    expect(boxes.count).toBe(1)
    const first = [boxes.image, boxes.classId, boxes.x, boxes.y, boxes.w, boxes.h].map((column) => column[0])
    expect(first).toEqual([0, 1, 10, 20, 30, 5])
    const line = boxes.line[0] as number
    expect(text.split('\n')[line - 1]?.trim()).toBe('{')
    expect(text.split('\n')[line]).toContain('"id": 1')
  })

  test.each<[string, object, string]>([
    ['an unknown image', { image_id: 8 }, 'annotation-reference'],
    ['an unknown category', { category_id: 1 }, 'annotation-reference'],
    ['a category from the prototype', { category_id: '__proto__' }, 'annotation-reference'],
    ['a negative size', { bbox: [1, 1, -2, 2] }, 'label-negative-size'],
    ['three numbers', { bbox: [1, 1, 2] }, 'label-number'],
    ['text', { bbox: ['1', 1, 2, 2] }, 'label-number'],
    ['null', { bbox: [null, 1, 2, 2] }, 'label-number'],
  ])('an annotation with %s is a defect and left out', (_, change, code) => {
    const { boxes, defects } = parseCoco(coco({ annotations: [{ ...annotation, ...change }] }), 'x.json')
    expect(boxes.count).toBe(0)
    expect(defects.map((defect) => defect.code)).toEqual([code])
  })

  test.each(['../../x.jpg', '/etc/passwd', 'https://x/a.jpg', `${'a'.repeat(300)}.jpg`, '..\\x.jpg'])(
    'does not take the file name %s',
    (name) => {
      const { images, defects } = parseCoco(
        coco({ images: [{ ...image, file_name: name }], annotations: [] }),
        'x.json',
      )
      expect(images).toEqual([])
      expect(defects[0]?.code).toBe('path-outside')
    },
  )

  test('a file that is cut off anywhere is refused with its line', () => {
    const text = coco({})
    for (let at = 0; at < text.length; at++) {
      expect(() => parseCoco(text.slice(0, at), 'x.json'), String(at)).toThrow(UsageError)
    }
  })

  test.each<[string, object]>([
    ['no annotations', { annotations: undefined }],
    ['a category without name', { categories: [{ id: 1 }] }],
    ['a category id twice', { categories: [categories[0], categories[0]] }],
    ['a category name twice', { categories: [categories[0], { id: 1, name: 'dog' }] }],
  ])('refuses a file with %s', (_, change) => expect(() => parseCoco(coco(change), 'x.json')).toThrow(UsageError))
})

describe('Pascal VOC', () => {
  const object =
    '<object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>11</xmax><ymax>22</ymax></bndbox></object>'
  const voc = (inside: string, before = '') =>
    `${before}<annotation><size><width>50</width><height>40</height></size>${inside}</annotation>`

  test('one object, many and none are read alike', () => {
    for (const count of [0, 1, 3]) {
      const { objects, defects } = parseVoc(voc(`\n${object}`.repeat(count)), 'a.xml')
      expect(defects).toEqual([])
      expect(objects.map(({ line, w, h }) => ({ line, w, h }))).toEqual(
        Array.from({ length: count }, (_, i) => ({ line: i + 2, w: 10, h: 20 })),
      )
    }
  })

  test.each<[string, string, string]>([
    ['an entity', voc(object, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'), 'label-encoding'],
    ['a file that is cut off', voc(object).slice(0, -20), 'label-encoding'],
    ['another root', '<robot></robot>', 'label-encoding'],
    ['a corner that is no number', voc(object.replace('>11<', '>1 1<')), 'label-number'],
    ['a missing corner', voc(object.replace('<xmax>11</xmax>', '')), 'label-number'],
    ['swapped corners', voc(object.replace('>11<', '>0<')), 'label-negative-size'],
    ['no box', voc('<object><name>cat</name></object>'), 'label-columns'],
    ['no class', voc(object.replace('<name>cat</name>', '')), 'label-class'],
  ])('%s is a defect', (_, xml, code) => {
    const { objects, defects } = parseVoc(xml, 'a.xml')
    expect(objects).toEqual([])
    expect(defects.map((defect) => defect.code)).toEqual([code])
  })
})

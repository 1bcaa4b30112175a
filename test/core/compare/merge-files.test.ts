import { describe, expect, test } from 'vitest'
import { fileMerger } from '../../../src/core/compare/merge-files.ts'
import type { FileMerge } from '../../../src/core/compare/merge-values.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const merged = (path: string, base: string, ours: string, theirs: string): FileMerge => {
  const merge = fileMerger(path)
  if (!merge) throw new Error(`${path} is not merged`)
  return merge({ base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) }, path)
}
const labels = (base: string, ours: string, theirs: string) => merged('labels/a.txt', base, ours, theirs)
const [one, two, three] = ['0 0.2 0.5 0.1 0.1\n', '1 0.5 0.5 0.1 0.1\n', '0 0.8 0.5 0.1 0.1\n'] as const

describe('label files', () => {
  test('rows that nobody changed stay as they are written', () => {
    const written = '0  0.20 .5 1e-1 0.1 \r\n1 0.5 0.5 0.1 0.1\r\n'
    expect(labels(written, written + three, written).text).toBe(`0 0.20 .5 1e-1 0.1\n${two}${three}`)
  })

  test('polygons are rows like any other, and keep their points', () => {
    const polygon = '0 0.1 0.1 0.3 0.1 0.3 0.3\n'
    const moved = '0 0.1 0.1 0.3 0.1 0.3 0.31\n'
    const inside = '0 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3\n'
    const far = '1 0.6 0.6 0.8 0.6 0.8 0.8\n'
    expect(labels(polygon, moved, polygon + far)).toEqual({ text: moved + far, conflicts: [] })
    // The same bounding box, other points: a change all the same.
    expect(labels(polygon, inside, polygon)).toEqual({ text: inside, conflicts: [] })
    expect(labels(polygon, inside, moved).conflicts.map(({ kind }) => kind)).toEqual(['moved'])
  })

  test('a file that both sides added has the boxes of both, equal ones once', () => {
    expect(labels('', one + two, two + three).text).toBe(one + three + two)
  })

  test('an empty file is a background, and may become one', () => {
    expect(labels(one, '', one)).toEqual({ text: '', conflicts: [] })
    expect(labels('', '', two).text).toBe(two)
  })

  test('conflicts stand between marks, which name both sides', () => {
    const { text, conflicts } = labels(one + two, '0 0.22 0.5 0.1 0.1\n', two)
    expect(text).toBe('<<<<<<< ours\n0 0.22 0.5 0.1 0.1\n=======\n>>>>>>> theirs\n')
    expect(conflicts).toMatchObject([
      { kind: 'removed-changed', image: 'labels/a.txt', ours: { box: { className: 'class 0' } } },
    ])
  })

  test('which side is ours makes no difference to what is merged', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seededRandom(`files ${seed}`)
      const row = () =>
        `${random.int(3)} ${[0, 0].map(() => (0.1 + 0.1 * random.int(8)).toFixed(1)).join(' ')} 0.08 0.08\n`
      const base = Array.from({ length: random.int(6) }, row)
      const version = () =>
        random
          .shuffle(base.filter(() => random.next() > 0.2).concat(Array.from({ length: random.int(3) }, row)))
          .join('')
      const [ours, theirs] = [version(), version()]
      const [there, back] = [labels(base.join(''), ours, theirs), labels(base.join(''), theirs, ours)]
      expect(back.conflicts.length).toBe(there.conflicts.length)
      if (there.conflicts.length === 0) expect(back.text).toBe(there.text)
      expect(labels(base.join(''), ours, base.join('')).text.split('\n').sort()).toEqual(ours.split('\n').sort())
    }
  })

  test('a row that no reader takes is bad input, with its place', () => {
    const bad = (text: string) => {
      try {
        labels(one, text, one)
      } catch (error) {
        return error
      }
    }
    expect(bad('0 0.2 0.5\n')).toMatchObject({ name: 'UsageError', where: 'labels/a.txt of ours:1' })
    expect(bad(`${one}<<<<<<< ours\n`)).toBeInstanceOf(UsageError)
  })
})

describe('lists of images', () => {
  test('lines that either side removed are gone, added ones are there once', () => {
    const list = (...names: string[]) => names.map((name) => `images/${name}.jpg\n`).join('')
    const merge = (ours: string, theirs: string) =>
      merged('data/x/splits/train.txt', list('a', 'b', 'c'), ours, theirs).text
    expect(merge(list('a', 'c', 'd'), list('a', 'b', 'c', 'd', 'e'))).toBe(list('a', 'c', 'd', 'e'))
    expect(merge(list('c', 'b', 'a'), list('a', 'b', 'c', 'z'))).toBe(list('c', 'b', 'a', 'z'))
    expect(merge(list('a').replace('\n', '\r\n'), list('a', 'b', 'c'))).toBe(list('a'))
  })
})

describe('provenance', () => {
  const line = (image: string, more: object = {}) => `${JSON.stringify({ image, ...more })}\n`
  const merge = (base: string, ours: string, theirs: string) => merged('provenance.ndjson', base, ours, theirs)

  test('fields that we do not know are kept', () => {
    const base = line('a', { weather: 'rain' })
    const { text, conflicts } = merge(
      base,
      line('a', { weather: 'rain', scene: 's1' }),
      line('a', { weather: { sky: 'grey' } }),
    )
    expect([JSON.parse(text), conflicts]).toEqual([{ image: 'a', weather: { sky: 'grey' }, scene: 's1' }, []])
  })

  test('a field may have any name', () => {
    const hostile = '{"image":"a","__proto__":{"x":1},"scene":"s1"}\n'
    const { text } = merge(line('a'), hostile, line('a', { camera: 'c1' }))
    expect(text).toBe('{"image":"a","__proto__":{"x":1},"scene":"s1","camera":"c1"}\n')
  })

  test('two answers, and a line that one side removed and the other changed, are conflicts', () => {
    const base = line('a', { scene: 's1' }) + line('b')
    const { conflicts } = merge(
      base,
      line('a', { scene: 's2' }),
      line('a', { scene: 's3' }) + line('b', { scene: 's1' }),
    )
    expect(conflicts.map(({ image, message }) => `${image}: ${message}`)).toEqual([
      'a: both sides say another scene',
      'b: one side removed the provenance of this image, the other changed it',
    ])
  })

  test('a line that is no JSON is bad input, with its place', () => {
    expect(() => merge(line('a'), `${line('a')}{"image": \n`, line('b'))).toThrow(/no line of provenance/)
    expect(() => merge('', line('a') + line('a'), line('b'))).toThrow(/has a line already/)
  })
})

test('other files are left to git', () => {
  for (const path of ['data.yaml', 'images/a.jpg', 'dvc.lock', 'README.md']) expect(fileMerger(path)).toBeNull()
})

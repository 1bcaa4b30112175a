import { describe, expect, test } from 'vitest'
import { lookOf, lookSide, shrinkPlane, turnSquare } from '../../../src/core/dataset/look.ts'
import { hammingDistance, hashWords } from '../../../src/core/dataset/near-pairs.ts'
import { comparable, isCopy, likeness } from '../../../src/core/dataset/same-picture.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const noise = (seed: string, side = lookSide) => {
  const random = seededRandom(seed)
  const plane = { samples: Float32Array.from({ length: 81 }, () => random.int(256)), stride: 9, width: 9, height: 9 }
  return shrinkPlane(plane, side)
}
const distance = (a: string, b: string) => hammingDistance(hashWords([a, b]), 0, 1)

describe('shrinking a plane', () => {
  test('keeps the mean, whatever the sizes', () => {
    for (const [width, height] of [
      [64, 64],
      [80, 60],
      [101, 37],
      [9, 9],
      [200, 3],
    ] as const) {
      const random = seededRandom(`${width}`)
      const samples = Float32Array.from({ length: width * height }, () => random.int(256))
      const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
      expect(mean(shrinkPlane({ samples, stride: width, width, height }))).toBeCloseTo(mean(samples), 2)
    }
  })
  test('averages what each small pixel covers, fractions included', () => {
    const samples = Float32Array.from([0, 30, 60])
    expect([...shrinkPlane({ samples, stride: 3, width: 3, height: 1 }, 2)]).toEqual([10, 50, 10, 50])
    expect([...shrinkPlane({ samples, stride: 3, width: 2.5, height: 1 }, 1)]).toEqual([24])
  })
})

describe('a look', () => {
  test('of a plane of one colour has that brightness, no contrast and no saturation', () => {
    const look = lookOf([new Float32Array(lookSide ** 2).fill(77)])
    expect(look).toMatchObject({ brightness: 77, contrast: 0, saturation: 0, sharpness: 0 })
  })
  test('has hashes of 64 bits, about half of them set', () => {
    const { phash, dhash } = lookOf([noise('bits')])
    for (const hash of [phash, dhash]) {
      expect(hash).toMatch(/^[0-9a-f]{16}$/)
      expect(distance(hash, '0000000000000000')).toBeGreaterThan(16)
      expect(distance(hash, '0000000000000000')).toBeLessThan(48)
    }
  })
  test('hashes do not see brightness and contrast, and see another picture', () => {
    const one = noise('a')
    const brighter = one.map((value) => value * 0.6 + 50)
    expect(distance(lookOf([one]).phash, lookOf([brighter]).phash)).toBeLessThanOrEqual(2)
    expect(lookOf([one]).dhash).toBe(lookOf([brighter]).dhash)
    for (let i = 0; i < 20; i++)
      expect(distance(lookOf([one]).phash, lookOf([noise(`b${i}`)]).phash)).toBeGreaterThan(12)
  })
  test('saturation is the range of the colours: 255 of pure red, 0 of grey', () => {
    const plane = (value: number) => new Float32Array(lookSide ** 2).fill(value)
    expect(lookOf([plane(76.245), plane(84.972), plane(255.5)]).saturation).toBeCloseTo(255, 0)
    expect(lookOf([plane(120), plane(128), plane(128)]).saturation).toBe(0)
  })
})

describe('turning upright', () => {
  test('undoes each of the eight orientations', () => {
    // Stored pixels for EXIF orientation n of the upright 2 × 2 square a b / c d (CIPA DC-008, 4.6.4).
    const stored: Record<number, string> = {
      1: 'abcd',
      2: 'badc',
      3: 'dcba',
      4: 'cdab',
      5: 'acbd',
      6: 'bdac',
      7: 'dbca',
      8: 'cadb',
    }
    for (const [orientation, letters] of Object.entries(stored)) {
      const square = Float32Array.from(letters, (letter) => letter.charCodeAt(0))
      const turned = turnSquare(square, 2, Number(orientation))
      expect([orientation, String.fromCharCode(...turned)]).toEqual([orientation, 'abcd'])
    }
  })
})

describe('copies', () => {
  const thing = (plane: Float32Array, x: number, y: number, side: number, value: number) => {
    const changed = plane.slice()
    for (let j = y; j < y + side; j++) for (let i = x; i < x + side; i++) changed[j * lookSide + i] = value
    return changed
  }
  test('are the same picture with noise, brighter or flatter', () => {
    const random = seededRandom('noise')
    for (let i = 0; i < 30; i++) {
      const one = noise(`copy ${i}`)
      const [gain, offset] = [random.uniform(0.7, 1), random.uniform(0, 40)]
      const other = one.map((value) => value * gain + offset + random.normal(0, 4))
      expect(isCopy(likeness(comparable(one), comparable(other)))).toBe(true)
    }
  })
  test('are not two frames of one camera, of which one shows one thing more', () => {
    for (let i = 0; i < 30; i++) {
      const background = noise(`camera ${i}`)
      const mean = background.reduce((sum, value) => sum + value, 0) / background.length
      const random = seededRandom(i)
      const value = mean > 128 ? 20 : 235
      const frame = thing(background, random.int(56), random.int(56), 7, value)
      const seen = likeness(comparable(background), comparable(frame))
      expect([i, isCopy(seen)]).toEqual([i, false])
    }
  })
  test('a flat picture is like nothing', () => {
    const flat = new Float32Array(lookSide ** 2).fill(9)
    expect(isCopy(likeness(comparable(flat), comparable(flat)))).toBe(false)
  })
})

import { expect, test } from 'vitest'
import { letterboxInto, letterboxOf, levelsOf, stretchOf } from '../../../src/core/detect/letterbox.ts'
import { createLetterboxTensor } from '../../../src/core/detect/letterbox-tensor.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

function drawn(random: Random, width: number, height: number) {
  return { width, height, rgb: Uint8Array.from({ length: 3 * width * height }, () => random.int(256)) }
}

/** Places where two tensors differ in any bit; the first few. */
function differences(a: Float32Array, b: Float32Array): number[] {
  const [ours, theirs] = [a, b].map((pixels) => new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length))
  return Array.from(ours ?? [], (_, i) => i)
    .filter((i) => ours?.[i] !== theirs?.[i])
    .slice(0, 5)
}

test('every grey level becomes the same float as its division by 255', () => {
  const rgb = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3))
  const tensor = createLetterboxTensor(256)
  tensor.draw({ width: 256, height: 1, rgb }, letterboxOf(256, 1, 256), 'RGB')
  const row = tensor.pixels.subarray(127 * 256, 128 * 256)
  expect(Array.from(row)).toEqual(Array.from({ length: 256 }, (_, level) => Math.fround(level / 255)))
})

test('two hundred pictures of any size, one after the other in one tensor, are those of the plain way bit for bit', () => {
  const random = seededRandom('tensor')
  const side = () => Math.max(1, Math.round(2 ** random.uniform(0, 8.5)))
  for (const size of [32, 33, 64, 97]) {
    const tensor = createLetterboxTensor(size)
    const expected = new Float32Array(3 * size * size)
    for (let i = 0; i < 50; i++) {
      const picture = i % 5 === 4 ? drawn(random, size, side()) : drawn(random, side(), side())
      const mode = i % 2 === 0 ? ('predict' as const) : ('validate' as const)
      const box =
        i % 7 === 6
          ? stretchOf(picture.width, picture.height, size)
          : letterboxOf(picture.width, picture.height, size, mode)
      const channels = i % 3 === 0 ? ('BGR' as const) : ('RGB' as const)
      const levels = i % 11 === 10 ? levelsOf(1) : i % 13 === 12 ? levelsOf(1 / 255, 0) : levelsOf()
      tensor.draw(picture, box, channels, levels)
      letterboxInto(picture, box, channels, expected, levels)
      expect([size, picture.width, picture.height, differences(tensor.pixels, expected)]).toEqual([
        size,
        picture.width,
        picture.height,
        [],
      ])
    }
  }
})

test('pictures of a batch lie one behind the other, and drawing one leaves the others alone', () => {
  const random = seededRandom('batch')
  const tensor = createLetterboxTensor(64, 3)
  const pictures = [drawn(random, 80, 60), drawn(random, 64, 64), drawn(random, 30, 100)]
  for (const place of [2, 0, 1, 0]) {
    const picture = pictures[place] as (typeof pictures)[number]
    tensor.draw(picture, letterboxOf(picture.width, picture.height, 64), 'RGB', undefined, place)
  }
  const one = new Float32Array(3 * 64 * 64)
  pictures.forEach((picture, place) => {
    letterboxInto(picture, letterboxOf(picture.width, picture.height, 64), 'RGB', one)
    expect(differences(tensor.pixels.slice(place * one.length, (place + 1) * one.length), one)).toEqual([])
  })
  expect(tensor.pixels).toHaveLength(3 * one.length)
})

// The two inner loops of the letterbox in WebAssembly with 128-bit vectors, written out as instructions. JavaScript has
// no vectors, and one channel at a time takes four times as long as OpenCV.

/** Resizes rows of pixels; places are byte offsets into `memory`. */
export type Kernel = {
  memory: ArrayBuffer
  /** One source row resized across. A tap is two byte offsets into the row and two weights of 16 bits; a pixel of the
   * result is four 16-bit numbers, in 1/128 of a grey level. An even number of pixels. */
  across: (source: number, taps: number, row: number, pixels: number) => void
  /** Two resized rows blended down by weights in 1/2048 and put into three planes as level / 255. A multiple of four pixels. */
  down: (
    upper: number,
    lower: number,
    upperWeight: number,
    lowerWeight: number,
    plane0: number,
    plane1: number,
    plane2: number,
    pixels: number,
  ) => void
}

type Wasm = {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object) => { exports: unknown }
}
type Exports = Pick<Kernel, 'across' | 'down'> & { memory: { buffer: ArrayBuffer } }

/** The kernel with this much memory, which never grows: views into it stay valid. */
export function createKernel(bytes: number): Kernel {
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Wasm }
  const instance = new wasm.Instance(new wasm.Module(moduleOf(Math.ceil(bytes / 65_536))))
  const { memory, across, down } = instance.exports as Exports
  return { memory: memory.buffer, across, down }
}

const i32 = 0x7f
const v128 = 0x7b
const simd = (code: number, ...rest: number[]) => [0xfd, ...unsigned(code), ...rest]
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const constant = (value: number) => [0x41, ...signed(value)]
const float = (value: number) => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)]
/**
 * The first 16 bits of 1 / 255: a level of 8 bits times it is exact, so that adding the product with what is left rounds
 * once, to the same number as level / 255, which takes several times as long.
 */
const coarseUnit = Math.round(2 ** 23 / 255) / 2 ** 23
/** Adds a constant to a local. */
const advance = (local: number, by: number) => [...get(local), ...constant(by), 0x6a, ...set(local)]
/** Alignment as a power of two and an offset; unaligned places are right too. */
const at = (offset = 0) => [0, ...unsigned(offset)]
const load = (local: number, offset = 0) => [...get(local), ...simd(0x00, ...at(offset))]
const store = (place: number, value: number[]) => [...get(place), ...value, ...simd(0x0b, ...at())]
const lanes = (...words: number[]) =>
  simd(0x0d, ...words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)))
const shiftRight = (bits: number) => [...constant(bits), ...simd(0xac)]
/** Repeats while the local, a count, stays above 0 after `step` is taken from it. */
const loop = (count: number, step: number, body: number[]) => [
  ...[0x03, 0x40, ...body, ...advance(count, -step), ...get(count)],
  ...[...constant(0), 0x4a, 0x0d, 0, 0x0b],
]

/** One pixel of tap number `index`: its two source pixels side by side, weighed and added, in 1/128. */
function tap(index: number): number[] {
  const source = 0
  const taps = 1
  const pixel = (offset: number) => [
    ...get(source),
    ...[...get(taps), 0x28, ...at(12 * index + offset), 0x6a],
    ...simd(0x5c, ...at()),
  ]
  // R of one, R of the other, G of one, and so on: pairs for the product of pairs.
  const pairs = simd(0x0d, 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0)
  const weights = [...get(taps), ...simd(0x09, ...at(12 * index + 8))]
  return [...pixel(0), ...pixel(4), ...pairs, ...simd(0x89), ...weights, ...simd(0xba), ...shiftRight(4)]
}

function acrossBody(): number[] {
  const [taps, row, pixels] = [1, 2, 3]
  const two = [...tap(0), ...tap(1), ...simd(0x85)]
  return loop(pixels, 2, [...store(row, two), ...advance(row, 16), ...advance(taps, 24)])
}

function downBody(): number[] {
  const [upper, lower, upperWeight, lowerWeight, pixels, high, low] = [0, 1, 2, 3, 7, 8, 9]
  const [pixel0, pair01, pair23, blue01, blue23, level, coarse, fine] = [10, 14, 15, 16, 17, 18, 19, 20]
  const splat16 = (from: number, to: number) => [...get(from), ...simd(0x10), ...set(to)]
  /** (a · upper >> 16) + (b · lower >> 16) + 2 >> 2, as OpenCV rounds; two pixels a vector, the first by 0xbc. */
  const blend = (offset: number, multiply: number) => [
    ...[...load(upper, offset), ...get(high), ...simd(multiply), ...shiftRight(16)],
    ...[...load(lower, offset), ...get(low), ...simd(multiply), ...shiftRight(16), ...simd(0xae)],
    ...[...constant(2), ...simd(0x11), ...simd(0xae), ...shiftRight(2)],
  ]
  const four = [blend(0, 0xbc), blend(0, 0xbd), blend(16, 0xbc), blend(16, 0xbd)]
  const mixed = (a: number, b: number, order: number[], to: number) => [...[...get(a), ...get(b), ...order, ...set(to)]]
  const plane = (local: number, a: number, b: number, order: number[]) =>
    store(local, [
      ...[...get(a), ...get(b), ...order, ...simd(0xfa), 0x22, level],
      ...[...get(coarse), ...simd(0xe6), ...get(level), ...get(fine), ...simd(0xe6), ...simd(0xe4)],
    ])
  return [
    ...splat16(upperWeight, high),
    ...splat16(lowerWeight, low),
    ...[...float(coarseUnit), ...simd(0x13), ...set(coarse)],
    ...[...float(Math.fround(1 / 255 - coarseUnit)), ...simd(0x13), ...set(fine)],
    ...loop(pixels, 4, [
      ...four.flatMap((one, i) => [...one, ...set(pixel0 + i)]),
      ...mixed(pixel0, pixel0 + 1, lanes(0, 4, 1, 5), pair01),
      ...mixed(pixel0 + 2, pixel0 + 3, lanes(0, 4, 1, 5), pair23),
      ...mixed(pixel0, pixel0 + 1, lanes(2, 6, 2, 6), blue01),
      ...mixed(pixel0 + 2, pixel0 + 3, lanes(2, 6, 2, 6), blue23),
      ...plane(4, pair01, pair23, lanes(0, 1, 4, 5)),
      ...plane(5, pair01, pair23, lanes(2, 3, 6, 7)),
      ...plane(6, blue01, blue23, lanes(0, 1, 4, 5)),
      ...[...advance(upper, 32), ...advance(lower, 32)],
      ...[4, 5, 6].flatMap((local) => advance(local, 16)),
    ]),
  ]
}

function moduleOf(pages: number): Uint8Array<ArrayBuffer> {
  const signature = (parameters: number) => [0x60, ...vector(Array.from({ length: parameters }, () => [i32])), 0]
  const code = (vectors: number, body: number[]) => {
    const locals = vectors === 0 ? [0] : [1, ...unsigned(vectors), v128]
    return sized([...locals, ...body, 0x0b])
  }
  const text = (name: string) => [name.length, ...new TextEncoder().encode(name)]
  const section = (id: number, body: number[]) => [id, ...sized(body)]
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([signature(4), signature(8)])),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(
      7,
      vector([
        [...text('memory'), 2, 0],
        [...text('across'), 0, 0],
        [...text('down'), 0, 1],
      ]),
    ),
    ...section(10, vector([code(0, acrossBody()), code(13, downBody())])),
  ])
}

const vector = (items: number[][]) => [...unsigned(items.length), ...items.flat()]
const sized = (body: number[]) => [...unsigned(body.length), ...body]

/** LEB128, as WebAssembly writes numbers. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))]
}

function signed(value: number): number[] {
  const last = value >= -64 && value < 64
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}

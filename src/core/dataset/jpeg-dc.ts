import { acTables, dcTable, type HuffmanTables } from './jpeg-huffman.ts'

/** Samples of a reduced picture; only the first `width` × `height` of them, fractions included, are picture. */
export type Plane = { samples: Float32Array; stride: number; width: number; height: number }

type Component = { id: number; h: number; v: number; quantiser: number; dc: Uint16Array; ac: HuffmanTables }
type Frame = { width: number; height: number; components: Component[]; quantisers: number[]; restart: number }

/**
 * A baseline JPEG at an eighth of its size: the mean of each 8 × 8 block is its DC coefficient, so that no block is
 * transformed (ITU T.81 A.3.3). Every code of the scan is read, so a broken or cut scan is noticed. Planes are Y, or
 * Y Cb Cr, as stored, not turned upright. Null when it takes a full decoder: progressive, arithmetic or 12-bit
 * coding, CMYK, RGB, several scans, or anything that is not sound.
 */
export function readJpegDc(bytes: Uint8Array): { width: number; height: number; planes: Plane[] } | null {
  const parsed = readSegments(bytes)
  if (!parsed) return null
  const { frame, scanAt } = parsed
  const scan = unstuff(bytes, scanAt)
  const planes = decodeScan(frame, scan)
  return planes && { width: frame.width, height: frame.height, planes }
}

function readSegments(b: Uint8Array): { frame: Frame; scanAt: number } | null {
  const quantisers: number[] = []
  const dcTables: (Uint16Array | undefined)[] = []
  const acs: (HuffmanTables | undefined)[] = []
  let frame: Frame | null = null
  let restart = 0
  let at = 2
  while (at + 4 <= b.length) {
    if (b[at] !== 0xff) return null
    const marker = b[at + 1] as number
    if (marker === 0xff) {
      at++
      continue
    }
    const end = at + 2 + word(b, at + 2)
    let p = at + 4
    if (end > b.length || end < p) return null
    if (marker === 0xdb) {
      while (p < end) {
        const head = b[p++] as number
        const wide = head >> 4 !== 0
        quantisers[head & 15] = wide ? word(b, p) : (b[p] as number)
        p += wide ? 128 : 64
      }
    } else if (marker === 0xc4) {
      while (p + 17 <= end) {
        const head = b[p++] as number
        const counts = b.subarray(p, p + 16)
        const total = counts.reduce((sum, count) => sum + count, 0)
        const values = b.subarray(p + 16, p + 16 + total)
        p += 16 + total
        if (p > end || total > 256) return null
        if (head >> 4) acs[head & 15] = acTables(counts, values) ?? undefined
        else dcTables[head & 15] = dcTable(counts, values) ?? undefined
      }
    } else if (marker === 0xc0 || marker === 0xc1) frame = readFrame(b, p, end, quantisers)
    else if (marker >= 0xc2 && marker <= 0xcf) return null
    else if (marker === 0xdd) restart = word(b, p)
    else if (marker === 0xee && adobeTransform(b, p, end) === 0) return null
    else if (marker === 0xda) {
      if (!frame || b[p] !== frame.components.length) return null
      frame.restart = restart
      for (let i = 0; i < frame.components.length; i++) {
        const component = frame.components[i] as Component
        if (component.id !== b[p + 1 + i * 2]) return null
        const choice = b[p + 2 + i * 2] as number
        const [dc, ac] = [dcTables[choice >> 4], acs[choice & 15]]
        if (!dc || !ac || quantisers[component.quantiser] === undefined) return null
        Object.assign(component, { dc, ac })
      }
      return { frame, scanAt: end }
    }
    at = end
  }
  return null
}

function readFrame(b: Uint8Array, p: number, end: number, quantisers: number[]): Frame | null {
  const count = b[p + 5] as number
  if (b[p] !== 8 || (count !== 1 && count !== 3) || p + 6 + count * 3 > end) return null
  const [height, width] = [word(b, p + 1), word(b, p + 3)]
  if (width === 0 || height === 0 || width * height > 200_000_000) return null
  const components: Component[] = []
  for (let i = 0; i < count; i++) {
    const [id, sampling, quantiser] = b.subarray(p + 6 + i * 3, p + 9 + i * 3) as unknown as [number, number, number]
    const [h, v] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15]
    if (h < 1 || h > 4 || v < 1 || v > 4) return null
    components.push({ id, h, v, quantiser } as Component)
  }
  // Components that are named R, G, B are no luminance.
  if (components.map(({ id }) => String.fromCharCode(id)).join('') === 'RGB') return null
  return { width, height, components, quantisers, restart: 0 }
}

function adobeTransform(b: Uint8Array, p: number, end: number): number {
  const adobe = [0x41, 0x64, 0x6f, 0x62, 0x65].every((char, i) => b[p + i] === char)
  return adobe && p + 12 <= end ? (b[p + 11] as number) : 1
}

type Scan = { view: DataView; length: number; restarts: number[] }
// The blocks of one unit, 16 at most, may step 64 codes of 31 bits each beyond the end before that is noticed.
const spare = 5120
let buffer = new Uint8Array(1 << 20)

/** The scan without stuffed zeros and restart markers; `restarts` are the offsets where the markers stood. */
function unstuff(b: Uint8Array, from: number): Scan {
  if (buffer.length < b.length - from + spare) buffer = new Uint8Array(2 * (b.length - from) + spare)
  const out = buffer
  const restarts: number[] = []
  let length = 0
  for (let p = from; p < b.length; p++) {
    const byte = b[p] as number
    if (byte !== 0xff) {
      out[length++] = byte
      continue
    }
    const next = b[p + 1] as number
    if (next === 0) out[length++] = 0xff
    else if (next >= 0xd0 && next <= 0xd7) restarts.push(length)
    else if (next === 0xff) continue
    else break
    p++
  }
  out.fill(0, length, length + spare)
  return { view: new DataView(out.buffer), length, restarts }
}

function decodeScan(frame: Frame, { view, length, restarts }: Scan): Plane[] | null {
  const { components, restart, quantisers } = frame
  const hMost = Math.max(...components.map(({ h }) => h))
  const vMost = Math.max(...components.map(({ v }) => v))
  const across = Math.ceil(frame.width / (8 * hMost))
  const down = Math.ceil(frame.height / (8 * vMost))
  const planes = components.map(({ h, v }) => ({
    samples: new Float32Array(across * h * down * v),
    stride: across * h,
    width: (frame.width * h) / (8 * hMost),
    height: (frame.height * v) / (8 * vMost),
  }))
  const steps = components.map((component, c) =>
    stepOf(component, planes[c] as Plane, quantisers[component.quantiser] as number),
  )
  const end = length * 8
  let bit = 0
  for (let my = 0, unit = 0; my < down; my++) {
    for (let mx = 0; mx < across; mx++, unit++) {
      if (restart > 0 && unit > 0 && unit % restart === 0) {
        const next = restarts[unit / restart - 1]
        if (next === undefined) return null
        bit = next * 8
        for (const step of steps) step.reset()
      }
      for (let c = 0; c < steps.length; c++) {
        const step = steps[c] as Step
        bit = step.read(view, bit, mx, my)
        if (bit < 0 || bit > end) return null
      }
    }
  }
  return planes
}

type Step = { read: (view: DataView, from: number, mx: number, my: number) => number; reset: () => void }

/** Reads a component's blocks of one unit, from a bit on; returns the bit after them, -1 where a code is broken. */
function stepOf({ h, v, dc, ac }: Component, { samples, stride }: Plane, quantiser: number): Step {
  const { many, one } = ac
  const scale = quantiser / 8
  let predicted = 0
  const read = (view: DataView, from: number, mx: number, my: number) => {
    let bit = from
    for (let y = my * v; y < my * v + v; y++) {
      for (let x = mx * h; x < mx * h + h; x++) {
        const code = dc[(view.getUint32(bit >> 3) << (bit & 7)) >>> 16]!
        if (code === 0) return -1
        bit += code >> 8
        const size = code & 255
        if (size > 0) {
          const value = (view.getUint32(bit >> 3) << (bit & 7)) >>> (32 - size)
          predicted += value < 1 << (size - 1) ? value - (1 << size) + 1 : value
          bit += size
        }
        // The other 63 coefficients are only stepped over: several codes at once where the window holds them.
        for (let k = 1; k < 64; ) {
          const peek = (view.getUint32(bit >> 3) << (bit & 7)) >>> 16
          let entry = many[peek]!
          let after = k + ((entry >> 5) & 127)
          if (entry >= 4096 ? after > 63 : after > 64) {
            entry = one[peek]!
            after = k + ((entry >> 5) & 127)
            if (after > 64) return -1
          }
          if (entry === 0) return -1
          bit += entry & 31
          if (entry >= 4096) break
          k = after
        }
        const value = predicted * scale + 128
        samples[y * stride + x] = value < 0 ? 0 : value > 255 ? 255 : value
      }
    }
    return bit
  }
  const reset = () => {
    predicted = 0
  }
  return { read, reset }
}

function word(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number)
}

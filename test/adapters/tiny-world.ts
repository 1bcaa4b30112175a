import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { readSource } from '../../src/adapters/serve/source.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { type Random, seededRandom } from '../../src/core/stats/random.ts'
import type { Serving } from '../../src/ports.ts'

const tinyServing: Serving = {
  imageSize: 64,
  channels: 'RGB',
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 100,
  multiLabel: false,
}

/** A folder with the tiny detectors, and a way to name one with its serving settings. */
export async function tinyWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'))
  await execa(pythonTool('python'), [fileURLToPath(new URL('./tiny-detectors.py', import.meta.url)), folder])
  return {
    folder,
    source: (name: string, version = name, serving: Partial<Serving> = {}) => ({
      ...readSource(join(folder, `${name}.onnx`), undefined, { ...tinyServing, ...serving }),
      version,
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export type Cell = { column: number; row: number; colour: 'red' | 'blue' }

/** A grey 64 × 64 picture with coloured cells of 8 × 8 pixels; strength 1 is full colour. */
export async function paint(cells: Cell[], strength = 1): Promise<Buffer> {
  const rgb = new Uint8Array(64 * 64 * 3).fill(114)
  for (const { column, row, colour } of cells) {
    const [up, down] = colour === 'red' ? [0, 2] : [2, 0]
    for (let y = row * 8; y < row * 8 + 8; y++) {
      for (let x = column * 8; x < column * 8 + 8; x++) {
        rgb[(y * 64 + x) * 3 + up] = 114 + 110 * strength
        rgb[(y * 64 + x) * 3 + down] = 114 - 110 * strength
      }
    }
  }
  return sharp(rgb, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer()
}

/** One to five cells; every place at most once. */
function someCells(random: Random): Cell[] {
  const places = random.shuffle([...Array(64).keys()]).slice(0, 1 + random.int(5))
  return places.map((place) => ({
    column: place % 8,
    row: Math.floor(place / 8),
    colour: random.pick(['red', 'blue']),
  }))
}

export async function somePictures(count: number, seed: number, strength = 1): Promise<Buffer[]> {
  const random = seededRandom(seed)
  return Promise.all(Array.from({ length: count }, () => paint(someCells(random), strength)))
}

export const inferBody = (bytes: Uint8Array, id?: string) =>
  JSON.stringify({
    ...(id === undefined ? {} : { id }),
    inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', data: [Buffer.from(bytes).toString('base64')] }],
  })

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { createImages } from '../../src/adapters/images.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

const [width, height, cell, side] = [64, 48, 8, 12] as const

/** A detector of coloured cells, and 40 validation pictures of 64 × 48 that it finds everything on, a scene each. */
export async function doctorWorld(pictures = 40) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-doctor-model-'))
  const model = join(root, 'model.onnx')
  await execa(pythonTool('python'), [fileURLToPath(new URL('./doctor-detector.py', import.meta.url)), model])
  const data = join(root, 'data')
  const write = (file: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(data, file)), { recursive: true })
    writeFileSync(join(data, file), content)
  }
  const random = seededRandom('doctor')
  const names = Array.from({ length: pictures + 4 }, (_, i) => `picture${i}`)
  for (const name of names) {
    const rgb = new Uint8Array(width * height * 3).fill(114)
    const rows = someCells(random).map((one) => paint(rgb, one))
    write(`images/${name}.png`, await createImages().encodePng({ width, height, rgb }))
    write(`labels/${name}.txt`, rows.join(''))
  }
  const listed = (some: string[]) => some.map((name) => `images/${name}.png\n`).join('')
  write('data.yaml', 'path: .\ntrain: splits/train.txt\nval: splits/val.txt\nnames: [red, blue]\n')
  write('splits/val.txt', listed(names.slice(0, pictures)))
  write('splits/train.txt', listed(names.slice(pictures)))
  return { root, model, data, remove: () => rmSync(root, { recursive: true, force: true }) }
}

type Cell = { column: number; row: number; classId: number; strength: number }

/** Two neighbours of one colour at the upper edge, and two to four cells elsewhere. */
function someCells(random: ReturnType<typeof seededRandom>): Cell[] {
  const pair = random.int(2)
  const column = random.int(7)
  const places = random.shuffle([...Array(16).keys()]).slice(0, 2 + random.int(3))
  const strength = () => random.pick([0.53, 0.58, 1])
  return [
    { column, row: 0, classId: pair, strength: 1 },
    { column: column + 1, row: 0, classId: pair, strength: 1 },
    ...places.map((place) => ({
      column: 2 * (place % 4) + random.int(2),
      row: 2 + Math.floor(place / 4),
      classId: random.int(2),
      strength: strength(),
    })),
  ]
}

/** Colours a cell, as bright as the grey around it, and returns its label: the box is clipped to the picture. */
function paint(rgb: Uint8Array, { column, row, classId, strength }: Cell): string {
  const [up, down] = classId === 0 ? [0, 2] : [2, 0]
  for (let y = row * cell; y < (row + 1) * cell; y++) {
    for (let x = column * cell; x < (column + 1) * cell; x++) {
      rgb[(y * width + x) * 3 + up] = 114 + Math.round(110 * strength)
      rgb[(y * width + x) * 3 + down] = 114 - Math.round(110 * strength)
    }
  }
  const [cx, cy] = [(column + 0.5) * cell, (row + 0.5) * cell]
  const clip = (value: number, most: number) => Math.min(Math.max(value, 0), most)
  const [x1, x2] = [clip(cx - side / 2, width), clip(cx + side / 2, width)]
  const [y1, y2] = [clip(cy - side / 2, height), clip(cy + side / 2, height)]
  const numbers = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height]
  return `${classId} ${numbers.map((value) => value.toFixed(6)).join(' ')}\n`
}

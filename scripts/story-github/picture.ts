import sharp from 'sharp'
import { seededRandom } from '../../src/core/stats/random.ts'

const [width, height] = [64, 48]
const colours = [
  [230, 40, 40],
  [40, 60, 230],
] as const

/** A picture of what YOLO labels say: a coloured rectangle a box on a grey that is the name's own. */
export async function drawLabels(name: string, labels: string): Promise<Buffer> {
  const random = seededRandom(name)
  const grey = 60 + random.int(60)
  const pixels = Buffer.alloc(width * height * 3)
  for (let i = 0; i < pixels.length; i++) pixels[i] = grey + random.int(20)
  for (const line of labels.split('\n').filter(Boolean)) {
    const [classId = 0, x = 0, y = 0, w = 0, h = 0] = line.split(' ').map(Number)
    const colour = colours[classId % 2] as readonly number[]
    for (let row = Math.max(0, Math.round((y - h / 2) * height)); row < Math.min(height, (y + h / 2) * height); row++) {
      for (let at = Math.max(0, Math.round((x - w / 2) * width)); at < Math.min(width, (x + w / 2) * width); at++) {
        for (let c = 0; c < 3; c++) pixels[(row * width + at) * 3 + c] = colour[c] as number
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

/** Labels of one person and one helmet at places that the name decides. */
export function labelsFor(name: string): string {
  const random = seededRandom(`labels of ${name}`)
  const box = (classId: number, x: number) => {
    const [w, h] = [0.25 + random.next() * 0.1, 0.35 + random.next() * 0.15]
    const y = 0.3 + random.next() * 0.4
    return [classId, x, y, w, h].map((value) => (Number.isInteger(value) ? value : value.toFixed(4))).join(' ')
  }
  return `${box(0, 0.22 + random.next() * 0.1)}\n${box(1, 0.68 + random.next() * 0.1)}\n`
}

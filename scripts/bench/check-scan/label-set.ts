import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** What a drawn label set holds: fixed for a number of files, so that a changed generator is seen. */
export type Drawn = { files: number; boxes: number; defective: number }

const classCount = 80
const mostBoxes = 200

/**
 * Writes `labels/{train,val}/NNNNNN.txt` and a data.yaml: boxes by a heavy-tailed number (mean about 7.3) of 80 classes
 * by Zipf's law, six decimals; about one file in a hundred has one of six defects.
 */
export function drawLabelSet(folder: string, files: number): Drawn {
  const random = seededRandom('label set')
  const classes = cumulative(Array.from({ length: classCount }, (_, i) => 1 / (i + 1)))
  for (const split of ['train', 'val']) mkdirSync(join(folder, 'labels', split), { recursive: true })
  const drawn = { files, boxes: 0, defective: 0 }
  for (let i = 0; i < files; i++) {
    // An exponential number with a Poisson-like share of empty files.
    const count = Math.min(mostBoxes, Math.floor(-Math.log(1 - random.next()) * 7.79))
    const rows = Array.from({ length: count }, () => boxRow(random, classes))
    drawn.boxes += count
    if (random.next() < 0.01 && rows.length > 0) {
      spoil(rows, random.int(6))
      drawn.defective++
    }
    const split = i % 10 === 0 ? 'val' : 'train'
    const name = String(i).padStart(6, '0')
    writeFileSync(join(folder, 'labels', split, `${name}.txt`), rows.length > 0 ? `${rows.join('\n')}\n` : '')
  }
  const names = Array.from({ length: classCount }, (_, id) => `kind_${id}`)
  writeFileSync(
    join(folder, 'data.yaml'),
    `path: .\ntrain: images/train\nval: images/val\nnames: [${names.join(', ')}]\n`,
  )
  return drawn
}

/** A sound row: a box inside the image, log-normal in size. */
function boxRow(random: ReturnType<typeof seededRandom>, classes: Float64Array): string {
  const at = random.next() * (classes[classes.length - 1] as number)
  let id = 0
  while ((classes[id] as number) < at) id++
  const w = Math.min(0.95, Math.max(0.004, Math.exp(random.normal(-2.3, 0.8))))
  const h = Math.min(0.95, Math.max(0.004, Math.exp(random.normal(-2.2, 0.8))))
  const place = [w / 2 + random.next() * (1 - w), h / 2 + random.next() * (1 - h), w, h]
  return `${id} ${place.map((value) => value.toFixed(6)).join(' ')}`
}

function spoil(rows: string[], kind: number): void {
  if (kind === 0) rows[0] = '3 1.200000 0.500000 0.100000 0.100000'
  else if (kind === 1) rows[0] = '99 0.500000 0.500000 0.100000 0.100000'
  else if (kind === 2) rows.push(rows[0] as string)
  else if (kind === 3) rows[0] = (rows[0] as string).split(' ').slice(0, 4).join(' ')
  else if (kind === 4) rows[0] = '1 nan 0.5 0.1 0.1'
  else rows.length = 0
}

function cumulative(weights: number[]): Float64Array {
  let sum = 0
  return Float64Array.from(weights, (weight) => {
    sum += weight
    return sum
  })
}

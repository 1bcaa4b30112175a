import type { Random } from '../stats/random.ts'
import type { Planter } from './doctor.ts'
import { asLines, type Plan, rowChanges, type Sample, type SampleImage, type SampleRow } from './doctor-sample.ts'

const six = (value: number) => value.toFixed(6)
const numbers = (row: SampleRow) => row.slice(1).map(Number) as [number, number, number, number]
const noBox = 'an image with a box of middle size'

/** One row of one image, changed; the image is drawn among those with a row that `suits`. */
function oneRow(
  suits: (row: SampleRow, image: SampleImage) => boolean,
  change: (row: SampleRow, image: SampleImage, sample: Sample) => SampleRow,
  needed: string,
): Planter['plant'] {
  return (sample, random) => {
    const able = sample.images.filter((image) => image.rows.some((row) => suits(row, image)))
    if (able.length === 0) return needed
    const image = random.pick(able)
    const row = random.pick(image.rows.filter((one) => suits(one, image)))
    const after = change(row, image, sample)
    const rows = image.rows.map((one) => (one === row ? after : one))
    const says = `"${row.join(' ')}" became "${after.join(' ')}"`
    return { changes: rowChanges(sample, new Map([[image, rows]])), images: [image.name], says }
  }
}

/** All rows of one image, changed. */
function allRows(
  suits: (image: SampleImage) => boolean,
  change: (rows: readonly SampleRow[], image: SampleImage, sample: Sample) => SampleRow[],
  needed: string,
): Planter['plant'] {
  return (sample, random) => {
    const able = sample.images.filter((image) => image.rows.length > 0 && suits(image))
    if (able.length === 0) return needed
    const image = random.pick(able)
    const rows = change(image.rows, image, sample)
    const says = `${image.label}: ${image.rows.length} rows became ${rows.length}, the first "${(rows[0] ?? []).join(' ')}"`
    return { changes: rowChanges(sample, new Map([[image, rows]])), images: [image.name], says }
  }
}

/** A box that is neither a speck nor most of the picture, with room for half its size on one side. */
function middling(row: SampleRow): boolean {
  const [cx, cy, w, h] = numbers(row)
  const inside = cx - w / 2 >= 0 && cx + w / 2 <= 1 && cy - h / 2 >= 0 && cy + h / 2 <= 1
  return inside && w > 0.04 && w < 0.45 && h > 0.04 && h < 0.45
}

const cornersOf = (row: SampleRow) => {
  const [cx, cy, w, h] = numbers(row)
  return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] as const
}

const text =
  (value: (rows: string) => string | Uint8Array, says: string): Planter['plant'] =>
  (sample, random) => {
    const able = sample.images.filter((image) => image.rows.length > 0)
    if (able.length === 0) return noBox
    const image = random.pick(able)
    const content = value(asLines(image.rows.map((row) => row.join(' '))))
    return { changes: new Map([[image.label, content]]), images: [image.name], says: `${image.label}: ${says}` }
  }

/** Boxes whose numbers are plausible are wrong only to somebody who sees the picture: a person, or a champion. */
const forChampions: Planter[] = [
  {
    id: 'box-shifted',
    summary: 'a box moved by half its width: it stays plausible',
    least: 'warning',
    needs: 'champion',
    plant: oneRow(
      middling,
      (row) => {
        const [cx, , w] = numbers(row)
        return row.with(1, six(cx + (cx < 0.5 ? 1 : -1) * 0.5 * w))
      },
      noBox,
    ),
  },
  {
    id: 'box-scaled',
    summary: 'a box twice as wide and high as the object',
    least: 'warning',
    needs: 'champion',
    plant: oneRow(
      (row) =>
        middling(row) &&
        numbers(row)
          .slice(2)
          .every((size) => size < 0.3),
      (row) => {
        const [cx, cy, w, h] = numbers(row)
        const inside = (centre: number, size: number) => six(Math.min(Math.max(centre, size), 1 - size))
        return [row[0] as string, inside(cx, w), inside(cy, h), six(2 * w), six(2 * h)]
      },
      noBox,
    ),
  },
  {
    id: 'classes-swapped',
    summary: 'every box of one image under another class',
    least: 'warning',
    needs: 'champion',
    plant: (sample, random) => {
      if (sample.classes.length < 2) return 'a second class'
      const change = (rows: readonly SampleRow[]) =>
        rows.map((row) => row.with(0, String((Number(row[0]) + 1) % sample.classes.length)))
      return allRows((image) => image.rows.some(middling), change, noBox)(sample, random)
    },
  },
  {
    id: 'boxes-dropped',
    summary: 'half of the boxes of an image left out',
    least: 'warning',
    needs: 'champion',
    plant: allRows(
      (image) => image.rows.length >= 2 && image.rows.some(middling),
      (rows) => rows.filter((_, i) => i % 2 === 1),
      'an image with two boxes',
    ),
  },
]

/** Mistakes of writers and tools in label files. */
export const labelPlanters: Planter[] = [
  {
    id: 'corners-as-centre',
    summary: 'corners x1 y1 x2 y2 written where centre and size belong',
    least: 'warning',
    plant: allRows(
      (image) => image.rows.some((row) => leavesAsCentre(cornersOf(row))),
      (rows) => rows.map((row) => [row[0] as string, ...cornersOf(row).map(six)]),
      'an image whose corners, read as centre and size, leave it',
    ),
  },
  {
    id: 'pixels',
    summary: 'boxes in pixels instead of shares of the image',
    least: 'error',
    plant: allRows(
      (image) => image.width > 0,
      (rows, { width, height }) =>
        rows.map((row) => {
          const sides = [width, height, width, height]
          return [row[0] as string, ...numbers(row).map((value, i) => (value * (sides[i] as number)).toFixed(1))]
        }),
      'an image of known size',
    ),
  },
  {
    id: 'not-a-number',
    summary: 'a coordinate that is nan',
    least: 'error',
    plant: oneRow(middling, (row) => row.with(2, 'nan'), noBox),
  },
  {
    id: 'decimal-comma',
    summary: 'numbers with a decimal comma',
    least: 'error',
    plant: text((rows) => rows.replaceAll('.', ','), 'decimal commas'),
  },
  {
    id: 'utf-16',
    summary: 'a label file saved as UTF-16',
    least: 'error',
    plant: text((rows) => utf16(rows), 'saved as UTF-16'),
  },
  {
    id: 'class-relabelled',
    summary: 'a third of the boxes of the most frequent class under another class',
    least: 'info',
    plant: relabelShare,
  },
  ...forChampions,
]

function leavesAsCentre([x1, y1, x2, y2]: readonly [number, number, number, number]): boolean {
  const past = [x1 - x2 / 2, y1 - y2 / 2, 1 - x1 - x2 / 2, 1 - y1 - y2 / 2]
  return past.some((room) => room < -0.05)
}

function utf16(rows: string): Uint8Array {
  const bytes = new Uint8Array(2 + rows.length * 2)
  bytes.set([0xff, 0xfe])
  for (let i = 0; i < rows.length; i++) bytes[2 + i * 2] = rows.charCodeAt(i)
  return bytes
}

/** What a labeller does who misread the rule of one class: not a row is wrong by itself, the shares of classes move. */
function relabelShare(sample: Sample, random: Random): Plan | string {
  if (sample.classes.length < 2) return 'a second class'
  const counts = sample.classes.map(
    (_, id) => sample.images.flatMap(({ rows }) => rows).filter((row) => row[0] === String(id)).length,
  )
  const from = counts.indexOf(Math.max(...counts))
  const to = (from + 1) % sample.classes.length
  const total = counts.reduce((sum, count) => sum + count, 0)
  if ((counts[from] as number) * 0.33 < 0.12 * total) return 'a class that most boxes belong to'
  const rows = new Map<SampleImage, SampleRow[]>()
  let changed = 0
  for (const image of sample.images) {
    const after = image.rows.map((row) => {
      if (row[0] !== String(from) || random.next() >= 0.33) return row
      changed++
      return row.with(0, String(to))
    })
    if (after.some((row, i) => row !== image.rows[i])) rows.set(image, after)
  }
  const says = `${changed} boxes of "${sample.classes[from]}" became "${sample.classes[to]}"`
  return { changes: rowChanges(sample, rows), images: [...rows.keys()].map(({ name }) => name), says }
}

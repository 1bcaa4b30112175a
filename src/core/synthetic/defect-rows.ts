import type { Random } from '../stats/random.ts'
import type { DefectSite, Target } from './defect-site.ts'

/** Where a planted defect stands. */
export type Place = { file: string; line: number; image: string | null; says: string }

/** How one kind of defect is planted. */
export type Kind = {
  /** The check that should find it. */
  rule: string
  summary: string
  /** Whether an image will do; without it, any image with a box. */
  suits?: (target: Target, site: DefectSite) => boolean
  plant: (site: DefectSite, target: Target, random: Random) => Place[]
}

/** Changes one row (chosen at random) and says so. */
function rowKind(rule: string, summary: string, change: (row: string[], site: DefectSite) => string[]): Kind {
  return {
    rule,
    summary,
    plant: (site, target, random) => {
      const rows = [...target.rows]
      const at = random.int(rows.length)
      const before = rows[at] as string
      rows[at] = change(before.trim().split(/\s+/), site).join(' ')
      site.writeRows(target, rows)
      return [{ file: target.label, line: at + 1, image: target.name, says: `"${before}" became "${rows[at]}"` }]
    },
  }
}

/** Appends a row made from one that is there. */
function addedRow(rule: string, summary: string, make: (row: string[], site: DefectSite) => string[]): Kind {
  return {
    rule,
    summary,
    plant: (site, target, random) => {
      const row = make((random.pick(target.rows) as string).trim().split(/\s+/), site).join(' ')
      site.writeRows(target, [...target.rows, row])
      return [{ file: target.label, line: target.rows.length + 1, image: target.name, says: `"${row}" was added` }]
    },
  }
}

const six = (value: number) => value.toFixed(6)
const set = (row: string[], column: number, value: string) => row.with(column, value)

/** Thirty-six small boxes of one class, spread over the image. */
export function floodRows(classId: number, random: Random): string[] {
  return Array.from({ length: 36 }, (_, i) => {
    const centre = (cell: number) => six((cell + 0.5) / 6 + random.uniform(-0.03, 0.03))
    const size = () => six(random.uniform(0.07, 0.11))
    return [classId, centre(i % 6), centre(Math.floor(i / 6)), size(), size()].join(' ')
  })
}

/** Defects of single rows, and of all rows of a file. */
export const rowDefects = {
  'box-outside': rowKind('label-range', 'a box lies past the right edge', (row) => set(row, 1, six(1.15))),
  'swapped-corners': rowKind('box-negative-size', 'corners are swapped, so that width and height are negative', (row) =>
    set(set(row, 3, `-${row[3]}`), 4, `-${row[4]}`),
  ),
  'unknown-class': rowKind('label-class', 'a class that the data set does not have', (row, site) =>
    set(row, 0, String(site.classCount + 3)),
  ),
  'class-off-by-one': {
    rule: 'label-class',
    summary: 'classes counted from 1 instead of 0, so that the last one is out of range',
    suits: (target, site) => target.rows.some((row) => row.startsWith(`${site.classCount - 1} `)),
    plant: (site, target) => {
      const rows = target.rows.map((row) => row.replace(/^\d+/, (id) => String(Number(id) + 1)))
      site.writeRows(target, rows)
      const line = rows.findIndex((row) => row.startsWith(`${site.classCount} `)) + 1
      return [{ file: target.label, line, image: target.name, says: 'every class id is one too high' }]
    },
  },
  'duplicate-box': addedRow('box-duplicate', 'the same box twice', (row) => row),
  'near-duplicate-box': addedRow(
    'box-near-duplicate',
    'a box twice, the second a little aside (IoU about 0.9)',
    (row) => set(row, 1, six(Number(row[1]) + (Number(row[1]) > 0.5 ? -0.05 : 0.05) * Number(row[3]))),
  ),
  'conflicting-classes': addedRow('box-class-conflict', 'one box with two classes', (row, site) =>
    set(row, 0, String((Number(row[0]) + 1) % site.classCount)),
  ),
  'non-numeric': rowKind('label-number', 'a coordinate that is no number', (row) => set(row, 2, `${row[2]}px`)),
  'wrong-columns': rowKind('label-columns', 'a row of four columns', (row) => row.slice(0, 4)),
  'prelabel-columns': {
    rule: 'label-columns',
    summary: 'predictions with a confidence as sixth column, saved as labels',
    plant: (site, target, random) => {
      site.writeRows(
        target,
        target.rows.map((row) => `${row} ${random.uniform(0.3, 0.99).toFixed(4)}`),
      )
      return [{ file: target.label, line: 1, image: target.name, says: 'every row has six columns' }]
    },
  },
  'zero-area': rowKind('box-zero-area', 'a box without area', (row) => set(row, 3, six(0))),
  'tiny-box': addedRow('box-tiny', 'a box one and a half pixels wide', (row, site) => {
    const side = six(1.5 / site.side)
    return [row[0] as string, row[1] as string, row[2] as string, side, side]
  }),
  'box-over-edge': rowKind('box-outside-image', 'a box hangs over the right edge by a quarter of its width', (row) =>
    set(row, 1, six(1 - Number(row[3]) / 4)),
  ),
  'box-just-outside': rowKind('label-range-tolerated', 'a coordinate half a percent past 1', (row) =>
    set(row, 1, six(1.005)),
  ),
  'decimal-class': rowKind('label-class-format', 'a class written as a decimal', (row) => set(row, 0, `${row[0]}.0`)),
  'full-image-box': addedRow('box-full-image', 'a box over the whole image', (row) => [
    row[0] as string,
    ...[0.5, 0.5, 1, 1].map(six),
  ]),
  'thin-box': addedRow('box-aspect-extreme', 'a strip of a box, 24 times as wide as high', (row) => [
    row[0] as string,
    ...[0.5, 0.5, 0.96, 0.04].map(six),
  ]),
  'conflict-marker': {
    rule: 'label-encoding',
    summary: 'a label file with the marks of a merge that was not finished',
    plant: (site, target) => {
      const { rows } = target
      site.write(target.label, `<<<<<<< HEAD\n${rows.join('\n')}\n=======\n${rows[0]}\n>>>>>>> branch\n`)
      return [{ file: target.label, line: 1, image: target.name, says: 'conflict markers were left in the file' }]
    },
  },
} as const satisfies Record<string, Kind>

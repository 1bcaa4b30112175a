import { UsageError } from '../errors.ts'
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

/** Replaces an image's bytes. */
function imageKind(rule: string, summary: string, change: (bytes: Uint8Array) => Uint8Array): Kind {
  return {
    rule,
    summary,
    plant: (site, target) => {
      site.write(target.image, change(site.files.bytes(target.image)))
      return [{ file: target.image, line: 0, image: target.name, says: summary }]
    },
  }
}

const six = (value: number) => value.toFixed(6)
const set = (row: string[], column: number, value: string) => row.with(column, value)

function floodRows(classId: number, random: Random): string[] {
  return Array.from({ length: 12 }, (_, i) => {
    const [cx, cy] = [
      0.125 + 0.25 * (i % 4) + random.uniform(-0.05, 0.05),
      0.17 + 0.33 * Math.floor(i / 4) + random.uniform(-0.08, 0.08),
    ]
    return [classId, six(cx), six(cy), six(random.uniform(0.08, 0.12)), six(random.uniform(0.08, 0.14))].join(' ')
  })
}

/** A copy of an image under another name, with its labels, provenance and a line in a split. */
function copyImage(site: DefectSite, target: Target, suffix: string, split: string, later: boolean): Target {
  const rename = (path: string) => path.replace(/(\.[^./]+)$/, `${suffix}$1`)
  const copy = { ...target, name: `${target.name}${suffix}`, image: rename(target.image), label: rename(target.label) }
  site.write(copy.image, site.files.bytes(target.image))
  if (site.has(target.label)) site.write(copy.label, site.files.text(target.label))
  site.list(split, copy.image)
  site.copyProvenance(target, copy, later)
  return copy
}

/** Every kind of defect that can be planted, in the order in which they choose their images. */
export const defectKinds = {
  'box-outside': rowKind('box-outside', 'a box lies past the right edge', (row) => set(row, 1, six(1.15))),
  'swapped-corners': rowKind('box-size', 'corners are swapped, so that width and height are negative', (row) =>
    set(set(row, 3, `-${row[3]}`), 4, `-${row[4]}`),
  ),
  'unknown-class': rowKind('unknown-class', 'a class that the data set does not have', (row, site) =>
    set(row, 0, String(site.classCount + 3)),
  ),
  'class-off-by-one': {
    rule: 'unknown-class',
    summary: 'classes counted from 1 instead of 0, so that the last one is out of range',
    suits: (target, site) => target.rows.some((row) => row.startsWith(`${site.classCount - 1} `)),
    plant: (site, target) => {
      const rows = target.rows.map((row) => row.replace(/^\d+/, (id) => String(Number(id) + 1)))
      site.writeRows(target, rows)
      const line = rows.findIndex((row) => row.startsWith(`${site.classCount} `)) + 1
      return [{ file: target.label, line, image: target.name, says: 'every class id is one too high' }]
    },
  },
  'duplicate-box': addedRow('duplicate-box', 'the same box twice', (row) => row),
  'near-duplicate-box': addedRow('duplicate-box', 'a box twice, the second a little aside (IoU about 0.9)', (row) =>
    set(row, 1, six(Number(row[1]) + (Number(row[1]) > 0.5 ? -0.05 : 0.05) * Number(row[3]))),
  ),
  'conflicting-classes': addedRow('conflicting-classes', 'one box with two classes', (row, site) =>
    set(row, 0, String((Number(row[0]) + 1) % site.classCount)),
  ),
  'non-numeric': rowKind('label-syntax', 'a coordinate that is no number', (row) => set(row, 2, `${row[2]}px`)),
  'wrong-columns': rowKind('label-syntax', 'a row of four columns', (row) => row.slice(0, 4)),
  'prelabel-columns': {
    rule: 'label-syntax',
    summary: 'predictions with a confidence as sixth column, saved as labels',
    plant: (site, target, random) => {
      site.writeRows(
        target,
        target.rows.map((row) => `${row} ${random.uniform(0.3, 0.99).toFixed(4)}`),
      )
      return [{ file: target.label, line: 1, image: target.name, says: 'every row has six columns' }]
    },
  },
  'zero-area': rowKind('box-size', 'a box without area', (row) => set(row, 3, six(0))),
  'tiny-box': addedRow('tiny-box', 'a box one and a half pixels wide', (row, site) => {
    const side = six(1.5 / site.side)
    return [row[0] as string, row[1] as string, row[2] as string, side, side]
  }),
  'missing-image': {
    rule: 'missing-image',
    summary: 'a label and a line in a split, but no image',
    plant: (site, target) => {
      site.write(target.image, null)
      return [{ file: target.image, line: 0, image: target.name, says: 'the image file was removed' }]
    },
  },
  'missing-label': {
    rule: 'missing-label',
    summary: 'an image without a label file',
    plant: (site, target) => {
      site.write(target.label, null)
      site.syncProvenance(target, [])
      return [{ file: target.label, line: 0, image: target.name, says: 'the label file was removed' }]
    },
  },
  'orphan-label': {
    rule: 'orphan-label',
    summary: 'a label file that belongs to no image',
    plant: (site, target) => {
      const label = target.label.replace(/\.txt$/, '-orphan.txt')
      site.write(label, `${target.rows.join('\n')}\n`)
      return [{ file: label, line: 0, image: null, says: 'a label file without an image was added' }]
    },
  },
  'truncated-image': imageKind('corrupt-image', 'the image file ends after 60 % of its bytes', (bytes) =>
    bytes.slice(0, Math.floor(bytes.length * 0.6)),
  ),
  'corrupt-image': imageKind('corrupt-image', 'the image file starts with zeros, so it is no image', (bytes) =>
    bytes.slice().fill(0, 0, 64),
  ),
  'duplicate-image': {
    rule: 'duplicate-image',
    summary: 'the same image twice, under two names',
    plant: (site, target) => {
      const copy = copyImage(site, target, '-copy', site.split, false)
      return [{ file: copy.image, line: 0, image: copy.name, says: `a copy of ${target.image} was added` }]
    },
  },
  'scene-leak': {
    rule: 'scene-leak',
    summary: 'a scene that also stands in validation',
    plant: (site, _, random) => {
      const target = validation(site, random)
      const copy = copyImage(site, target, '-again', site.split, true)
      const says = `${target.image} of val stands in ${site.split} too, under another name`
      return [{ file: copy.image, line: 0, image: copy.name, says }]
    },
  },
  'split-overlap': {
    rule: 'split-overlap',
    summary: 'one image listed in two splits',
    plant: (site, _, random) => {
      const target = validation(site, random)
      const line = site.list(site.split, target.image)
      return [
        { file: `splits/${site.split}.txt`, line, image: target.name, says: `${target.image} is listed in val too` },
      ]
    },
  },
  'class-flood': {
    rule: 'class-balance',
    summary: 'many boxes of one class, so that the balance of classes shifts',
    plant: (site, first, random) =>
      [first, ...site.further(0.2)].map((target) => {
        site.writeRows(target, [...target.rows, ...floodRows(site.classCount - 1, random)])
        const says = `12 boxes of class ${site.classCount - 1} were added`
        return { file: target.label, line: target.rows.length + 1, image: target.name, says }
      }),
  },
} as const satisfies Record<string, Kind>

export type DefectKind = keyof typeof defectKinds

function validation(site: DefectSite, random: Random): Target {
  const targets = site.split === 'val' ? [] : site.targetsOf('val')
  if (targets.length === 0) {
    throw new UsageError('a leak needs a validation split beside the one that is spoilt', {
      where: 'splits/val.txt',
      mend: 'write validation images first (--split val), then the others into the same folder',
    })
  }
  return random.pick(targets)
}

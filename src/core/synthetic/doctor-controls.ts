import type { Planter } from './doctor.ts'
import { asLines, listText, type Plan, provenanceText, type Sample, type SampleRow } from './doctor-sample.ts'

/** Every label file written in another way that means the same. */
function rewritten(write: (rows: readonly SampleRow[]) => string, says: string): Planter['plant'] {
  return (sample) => {
    const labelled = sample.images.filter((image) => image.rows.length > 0)
    if (labelled.length === 0) return 'a box'
    const changes = new Map(labelled.map((image) => [image.label, write(image.rows)])) as Plan['changes']
    return { changes, images: [], says: `${labelled.length} label files ${says}` }
  }
}

/** Changes that mean nothing: a check that blames one of them is wrong. */
export const controls: Planter[] = [
  {
    id: 'crlf-and-bom',
    summary: 'label files with CRLF and a byte-order mark',
    least: 'info',
    plant: rewritten(
      (rows) => `\ufeff${rows.map((row) => `${row.join(' ')}\r\n`).join('')}`,
      'end their lines by CRLF',
    ),
  },
  {
    id: 'rows-reordered',
    summary: 'the rows of every label file in another order',
    least: 'info',
    plant: rewritten((rows) => asLines(rows.map((row) => row.join(' ')).reverse()), 'are in reverse order'),
  },
  {
    id: 'numbers-reformatted',
    summary: 'the same numbers with exponents and more digits, between tabs',
    least: 'info',
    plant: rewritten((rows) => asLines(rows.map(reformatted)), 'write their numbers in another way'),
  },
  {
    id: 'blanks',
    summary: 'trailing spaces, blank lines and no final line break',
    least: 'info',
    plant: rewritten((rows) => rows.map((row) => `${row.join('  ')}  `).join('\n\n'), 'have spaces and blank lines'),
  },
  {
    id: 'lists-reordered',
    summary: 'the lists of the splits in another order, with ./ before each path',
    least: 'info',
    plant: (sample) => {
      const splits = ['train', 'val', 'test'].filter((split) => sample.images.some((image) => image.split === split))
      const turned = (split: string) => listText(sample, split, (lines) => lines.reverse().map((line) => `../${line}`))
      const changes: Plan['changes'] = new Map(splits.map((split) => [`splits/${split}.txt`, turned(split)]))
      return { changes, images: [], says: `${splits.length} lists in reverse order` }
    },
  },
  {
    id: 'provenance-reordered',
    summary: 'the lines of provenance in another order',
    least: 'info',
    plant: (sample) => {
      const lines = provenanceText(sample, (record) => record)
        .split('\n')
        .slice(0, -1)
      return {
        changes: new Map([['provenance.ndjson', asLines(lines.reverse())]]),
        images: [],
        says: 'in reverse order',
      }
    },
  },
  {
    id: 'image-renamed',
    summary: 'an image renamed together with its labels, its line in the split and its provenance',
    least: 'info',
    plant: renamed,
  },
]

function reformatted(row: SampleRow): string {
  const [classId, cx, cy, w, h] = row
  const exponent = (value: string | undefined) => Number(value).toExponential(8)
  return [classId, exponent(cx), `${cy}000`, exponent(w), `${h}0`].join('\t')
}

function renamed(sample: Sample): Plan | string {
  const image = sample.images.find(({ split, rows }) => split === 'train' && rows.length > 0)
  if (!image) return 'a training image with a box'
  const name = `${image.name}-renamed`
  const file = image.file.replace(/\.[^.]+$/, (suffix) => `-renamed${suffix}`)
  const changes: Plan['changes'] = new Map()
  changes.set(file, sample.files.bytes(image.file))
  changes.set(image.file, null)
  changes.set(`labels/${name}.txt`, sample.files.text(image.label))
  changes.set(image.label, null)
  const lines = (list: string[]) => list.map((line) => (line === image.file ? file : line))
  changes.set('splits/train.txt', listText(sample, 'train', lines))
  const moved = provenanceText(sample, (record) => (record.image === image.name ? { ...record, image: name } : record))
  changes.set('provenance.ndjson', moved)
  return { changes, images: [name], says: `${image.file} is ${file} now` }
}

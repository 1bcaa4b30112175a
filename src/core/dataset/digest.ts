import { createHash } from 'node:crypto'
import { type Subject, sha256 } from '../documents/define.ts'
import { type Dataset, type DatasetImage, rowStarts, type Split } from './model.ts'

/**
 * Digests of a data set's content for a document's subject: SHA-256 over the sorted lines of (name, split, md5), labels
 * and images apart. Labels are hashed as sorted rows of class name and coordinates at six decimals, so that neither row
 * order nor formatting counts. `images` is left out where an image was not hashed; `trainSet` and `validationSet` cover
 * labels and, where hashed, images of their split.
 */
export function datasetDigests(
  dataset: Dataset,
): Pick<Subject, 'labels' | 'images' | 'trainSet' | 'validationSet'> & { labels: string } {
  const labels = labelHashes(dataset)
  const { images } = dataset
  const labelLines = images.map(({ name, split }, i) => `${name}\t${split}\t${labels[i]}`)
  const hashed = images.length > 0 && images.every(({ md5 }) => md5 !== null)
  const ofSplit = (wanted: Split) => {
    const lines = images.flatMap(({ split, name, md5 }, i) =>
      split === wanted ? [`${name}\t${labels[i]}\t${md5 ?? ''}`] : [],
    )
    return lines.length > 0 ? sha256(lines.sort().join('\n')) : undefined
  }
  const trainSet = ofSplit('train')
  const validationSet = ofSplit('val')
  return {
    labels: sha256(labelLines.sort().join('\n')),
    ...(hashed
      ? {
          images: sha256(
            images
              .map(({ name, md5 }) => `${name}\t${md5}`)
              .sort()
              .join('\n'),
          ),
        }
      : {}),
    ...(trainSet ? { trainSet } : {}),
    ...(validationSet ? { validationSet } : {}),
  }
}

/** MD5 of each image's labels in canonical form. */
function labelHashes(dataset: Dataset): string[] {
  const { boxes, classes } = dataset
  const start = rowStarts(dataset)
  return dataset.images.map((_: DatasetImage, i) => {
    const rows: string[] = []
    for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
      const classId = boxes.classId[row] as number
      const place = [boxes.cx, boxes.cy, boxes.w, boxes.h].map((column) => Math.round((column[row] as number) * 1e6))
      rows.push(`${classes[classId] ?? `class ${classId}`} ${place.join(' ')}`)
    }
    return createHash('md5').update(rows.sort().join('\n')).digest('hex')
  })
}

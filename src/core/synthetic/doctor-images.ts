import { suffixOf } from '../dataset/paths.ts'
import type { Random } from '../stats/random.ts'
import type { Planter } from './doctor.ts'
import {
  asLines,
  type Content,
  listText,
  type Plan,
  provenanceText,
  type Sample,
  type SampleImage,
} from './doctor-sample.ts'

/** Two images of different splits, the first of training; null when there is no validation. */
function trainAndVal(sample: Sample, random: Random): { train: SampleImage; val: SampleImage } | null {
  const train = sample.images.filter((image) => image.split === 'train' && image.rows.length > 0)
  const val = sample.images.filter((image) => image.split === 'val')
  return train.length > 0 && val.length > 0 ? { train: random.pick(train), val: random.pick(val) } : null
}

const noVal = 'a validation split beside training'

/** A copy of a training image in validation, with its labels, under a name of its own and without provenance. */
function copyAcross(
  word: string,
  content: (image: SampleImage, sample: Sample) => Content,
  suffix?: string,
): Planter['plant'] {
  return (sample, random) => {
    const pair = trainAndVal(sample, random)
    if (!pair) return noVal
    const { train } = pair
    const name = `${train.name}-${word}`
    const file = `images/${name}.${suffix ?? suffixOf(train.file)}`
    const changes: Plan['changes'] = new Map([
      [file, content(train, sample)],
      [`labels/${name}.txt`, asLines(train.rows.map((row) => row.join(' ')))],
      ['splits/val.txt', listText(sample, 'val', (lines) => [...lines, file])],
    ])
    if (train.provenance) {
      // A copy that says where it comes from would be found by its scene alone.
      const { scene: _, video: __, frame: ___, ...rest } = train.provenance
      changes.set(
        'provenance.ndjson',
        provenanceText(sample, (record) => record, [{ ...rest, image: name }]),
      )
    }
    return { changes, images: [name, train.name], says: `${train.file} of train stands in val as ${file}` }
  }
}

/** An image's picture replaced; the labels stay. JPEG whatever it was before, listed under its new name. */
function replacePicture(content: (image: SampleImage) => Content, says: string): Planter['plant'] {
  return (sample, random) => {
    const able = sample.images.filter((image) => image.rows.length > 0 && image.width !== image.height)
    const image = able.length > 0 ? random.pick(able) : sample.images.find(({ rows }) => rows.length > 0)
    if (!image) return 'an image with a box'
    const jpeg = /^jpe?g$/i.test(suffixOf(image.file))
    const file = jpeg ? image.file : image.file.replace(/[^.]+$/, 'jpg')
    const changes: Plan['changes'] = new Map([[file, content(image)]])
    if (!jpeg) {
      changes.set(image.file, null)
      const renamed = (lines: string[]) => lines.map((line) => (line === image.file ? file : line))
      changes.set(`splits/${image.split}.txt`, listText(sample, image.split, renamed))
    }
    return { changes, images: [image.name], says: `${file}: ${says}` }
  }
}

/** Pictures that lie about their labels, and copies of training images in validation. */
export const imagePlanters: Planter[] = [
  {
    id: 'copy-across-splits',
    summary: 'a training image in validation, the same bytes',
    least: 'error',
    plant: copyAcross('copy', (image, sample) => sample.files.bytes(image.file)),
  },
  {
    id: 'recoded-across-splits',
    summary: 'a training image in validation, encoded anew',
    least: 'warning',
    plant: copyAcross('recoded', (image) => ({ pictureOf: image.file, quality: 60 }), 'jpg'),
  },
  {
    id: 'resized-across-splits',
    summary: 'a training image in validation at 60 % of its size',
    least: 'warning',
    plant: copyAcross('small', (image) => ({ pictureOf: image.file, quality: 90, share: 0.6 }), 'jpg'),
  },
  {
    id: 'validation-trained-on',
    summary: 'the list of validation repeated in training',
    least: 'error',
    plant: (sample) => {
      const val = sample.images.filter((image) => image.split === 'val')
      if (val.length === 0) return noVal
      const lines = (train: string[]) => [...train, ...val.map(({ file }) => file)]
      const changes: Plan['changes'] = new Map([['splits/train.txt', listText(sample, 'train', lines)]])
      return { changes, images: val.map(({ name }) => name), says: `${val.length} lines of val were added to train` }
    },
  },
  {
    id: 'stem-collision',
    summary: 'two images that share one label file, a.jpg and a.png',
    least: 'warning',
    plant: (sample, random) => {
      const pair = trainAndVal(sample, random)
      if (!pair) return noVal
      const suffix = /^jpe?g$/i.test(suffixOf(pair.train.file)) ? 'jpeg' : 'jpg'
      const file = pair.train.file.replace(
        /[^.]+$/,
        suffix === 'jpeg' && /jpeg$/i.test(pair.train.file) ? 'jpg' : suffix,
      )
      const list = listText(sample, 'train', (lines) => [...lines, file])
      const changes: Plan['changes'] = new Map<string, Content>([
        [file, { pictureOf: pair.val.file, quality: 80, mirror: true }],
        ['splits/train.txt', list],
      ])
      return { changes, images: [pair.train.name], says: `${file} came beside ${pair.train.file}` }
    },
  },
  {
    id: 'exif-turned',
    summary: 'EXIF orientation 5 in an image whose labels were drawn upright: the loader does not turn it',
    least: 'warning',
    plant: replacePicture(({ file }) => ({ pictureOf: file, quality: 92, orientation: 5 }), 'orientation 5'),
  },
  {
    id: 'stale-labels',
    summary: 'an image replaced by its mirror image, its labels left as they were',
    least: 'warning',
    plant: replacePicture(
      ({ file }) => ({ pictureOf: file, quality: 90, mirror: true }),
      'another picture, old labels',
    ),
  },
]

import type { BoxProvenance } from '../dataset/model.ts'
import type { Planter } from './doctor.ts'
import { type Plan, provenanceText, type Sample, type SampleImage } from './doctor-sample.ts'

/** Validation boxes that say a program drew them. */
function machineInVal(source: NonNullable<BoxProvenance['source']>): Planter['plant'] {
  return (sample, random) => {
    const val = sample.images.filter((image) => image.split === 'val')
    if (val.length === 0) return 'a validation split'
    const able = val.filter((image) => (image.provenance?.boxes?.length ?? 0) > 0 && image.rows.length > 0)
    if (able.length === 0) return 'provenance that tells who drew each box of validation'
    const image = random.pick(able)
    const changed = provenanceText(sample, (record) =>
      record.image === image.name && record.boxes
        ? { ...record, boxes: record.boxes.map((box) => ({ ...box, source, annotator: 'a-model' })) }
        : record,
    )
    return {
      changes: new Map([['provenance.ndjson', changed]]),
      images: [image.name],
      says: `${image.name}: its boxes are of source "${source}"`,
    }
  }
}

/** A training image that says it belongs to the group of a validation image. */
function sharedGroup(kind: 'scene' | 'video'): Planter['plant'] {
  return (sample, random) => {
    const of = (split: string) => (image: SampleImage) => image.split === split && Boolean(image.provenance?.[kind])
    const [train, val] = [sample.images.filter(of('train')), sample.images.filter(of('val'))]
    if (train.length === 0 || val.length === 0) return `provenance with a ${kind} in training and validation`
    const [image, other] = [random.pick(train), random.pick(val)]
    const group = other.provenance?.[kind] as string
    const changed = provenanceText(sample, (record) =>
      record.image === image.name ? { ...record, [kind]: group } : record,
    )
    return {
      changes: new Map([['provenance.ndjson', changed]]),
      images: [image.name],
      says: `${image.name} of train is of ${kind} "${group}", which is in val`,
    }
  }
}

const describe = (sample: Sample) => sample.files.text('data.yaml')

/** Descriptions, lists and provenance that mislead or attack. */
export const filePlanters: Planter[] = [
  {
    id: 'class-order',
    summary: 'two class names exchanged in data.yaml, the labels left as they were',
    least: 'error',
    plant: (sample) => {
      const used = new Set(sample.images.flatMap(({ rows }) => rows.map((row) => row[0])))
      if (sample.classes.length < 2 || used.size === 0) return 'two classes'
      const [first, second] = [0, 1].map((id) => JSON.stringify(sample.classes[id]))
      const text = describe(sample)
        .replace(`  0: ${first}\n`, () => `  0: ${second}\n`)
        .replace(`  1: ${second}\n`, () => `  1: ${first}\n`)
      return { changes: new Map([['data.yaml', text]]), images: [], says: `0 is ${second} now, and 1 is ${first}` }
    },
  },
  {
    id: 'download-key',
    summary: 'a data.yaml that names a program to run',
    least: 'error',
    plant: (sample) => ({
      changes: new Map([['data.yaml', `${describe(sample)}download: bash get.sh\n`]]),
      images: [],
      says: 'data.yaml: download: bash get.sh',
    }),
  },
  {
    id: 'link-outside',
    summary: 'a symbolic link among the images that leads out of the data set',
    least: 'error',
    plant: () => ({
      changes: new Map([['images/link-outside.jpg', { linkTo: '../../outside.txt' }]]) as Plan['changes'],
      images: [],
      says: 'images/link-outside.jpg leads to ../../outside.txt',
    }),
  },
  {
    id: 'scene-across-splits',
    summary: 'a scene of validation in training',
    least: 'error',
    plant: sharedGroup('scene'),
  },
  {
    id: 'video-across-splits',
    summary: 'a video of validation in training',
    least: 'error',
    plant: sharedGroup('video'),
  },
  {
    id: 'pseudo-in-validation',
    summary: 'labels of a model in validation',
    least: 'error',
    plant: machineInVal('pseudo'),
  },
  {
    id: 'synthetic-in-validation',
    summary: 'labels of drawn pictures in validation',
    least: 'error',
    plant: machineInVal('synthetic'),
  },
]

import { classCounts } from '../core/check/balance.ts'
import type { Dataset, Provenance } from '../core/dataset/model.ts'
import type { OwnPlan } from './own-plan.ts'

const formats = { yolo: 'Ultralytics layout', coco: 'COCO', voc: 'Pascal VOC' } as const
/** More sentences of one kind than this are counted, not told. */
const mostTold = 12

/** What every report must say of a story on somebody's own data: where it comes from, and what is not known of it. */
export function notesOf(dataset: Dataset, plan: OwnPlan): string[] {
  const { facts, says, stray } = plan
  const { images, boxes, classes } = dataset
  return [
    `Made from ${images.length} images with ${boxes.count} boxes of ${classes.length} ${classes.length === 1 ? 'class' : 'classes'} (${formats[dataset.format]}). Pictures are copied; the folder they come from is only read.`,
    splitNote(plan),
    `Version 1 has ${plan.first.length} of the ${plan.first.length + plan.rest.length} training images, chosen by a stable hash of ${facts.grouped ? 'scene or video' : 'their names'} among those without errors; the other ${plan.rest.length} are proposed.`,
    ...(facts.tooMany > 0
      ? [`${facts.tooMany} images are more than a demo on a CPU can train on; a stable part of the data is told of.`]
      : []),
    provenanceNote(dataset),
    sourceNote(dataset),
    ...told('Mended in validation before the story begins', says.val),
    ...told('Found in the data and not carried over', [...stray, ...(dataset.lost ?? [])]),
    ...thinNote(dataset, plan),
    ...(facts.renamed > 0 ? [`${facts.renamed} images have other names here: folders and blanks became dashes.`] : []),
  ]
}

/** Sentences under a heading; the rest of a long list is counted. */
function told(heading: string, list: readonly string[]): string[] {
  if (list.length === 0) return []
  const more = list.length > mostTold ? ` … and ${list.length - mostTold} more` : ''
  return [`${heading} (${list.length}): ${list.slice(0, mostTold).join('; ')}${more}.`]
}

function splitNote({ facts }: OwnPlan): string {
  const sealed = facts.sealed > 0 ? ` The ${facts.sealed} test images stay sealed: the story does not use them.` : ''
  if (facts.ownSplits) {
    return `Splits are the data's own: ${facts.pool} images to train on, ${facts.val} to judge by.${sealed}`
  }
  const by = facts.grouped ? 'scene or video' : 'name, so that frames of one video or scene may stand on both sides'
  return `The data has no validation split: ${facts.val} of ${facts.pool + facts.val} images were taken by a stable hash of their ${by}.${sealed}`
}

function provenanceNote({ images }: Dataset): string {
  const fields: [string, (known: Provenance) => unknown][] = [
    ['scene', (known) => known.scene ?? known.video],
    ['camera', (known) => known.camera],
    ['time', (known) => known.time],
    ['source', (known) => known.source],
    ['licence', (known) => known.licence],
    ['annotator', (known) => known.boxes?.some(({ annotator }) => annotator)],
  ]
  const missing = fields.flatMap(([name, get]) => {
    const without = images.filter(({ provenance }) => !provenance || !get(provenance)).length
    if (without === 0) return []
    return without === images.length ? [name] : [`${name} (of ${without} images)`]
  })
  if (missing.length === 0) return 'Provenance is complete: scene, camera, time, source, licence and annotator.'
  return `Not known of the images: ${missing.join(', ')}. Leaks by scene cannot be seen where it is missing, and images count as independent.`
}

function sourceNote({ images }: Dataset): string {
  const sources = new Set(
    images.flatMap(({ split, provenance }) =>
      split === 'train' || split === 'test'
        ? []
        : (provenance?.boxes ?? [{ source: undefined }]).map((box) => box.source),
    ),
  )
  if (sources.size === 1 && sources.has('human')) return 'Validation labels are marked as drawn by people.'
  if (sources.size > 0 && !sources.has(undefined)) {
    return `Validation labels are marked ${[...sources].join(', ')}: they are not human-verified.`
  }
  return 'Who drew the validation labels is not known: they are not proven human-verified, and every verdict takes them as they are. An attestation in the dataset spec would settle it.'
}

/** Images that show a class fewer times than the gates want units: what an inconclusive verdict will hang on. */
function thinNote(dataset: Dataset, { val }: OwnPlan): string[] {
  const judged = new Set(val.map(({ index }) => index))
  const images = dataset.images.map((image, i) => ({
    ...image,
    split: judged.has(i) ? ('val' as const) : ('none' as const),
  }))
  const { images: counts } = classCounts({ ...dataset, images }, 'val')
  const thin = dataset.classes.flatMap((name, id) => ((counts[id] ?? 0) < 30 ? [`${name} in ${counts[id] ?? 0}`] : []))
  if (thin.length === 0) return []
  return [
    `Few validation images show a class (${thin.slice(0, mostTold).join(', ')}): with fewer than 30 its verdict stays open until more are labelled.`,
  ]
}

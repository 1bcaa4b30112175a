import { groupImages } from '../../dataset/groups.ts'
import type { Dataset, DatasetImage } from '../../dataset/model.ts'
import { imagesByMd5, matchImages } from '../identity.ts'
import type { RawFinding, Rule, RuleContext } from '../rule.ts'

export const splitLeak: Rule = {
  id: 'split-leak',
  severity: 'error',
  scope: 'dataset',
  title: 'Training and validation share images or scenes',
  explanation:
    'A model that was trained on what it is judged by looks better than it is. The same bytes, the same picture encoded or sized anew, the same scene or video in two splits, or an image that was in the other split of the base, all do that.',
  mend: 'Keep everything of one scene or video in one split, and leave images in the split they were in.',
  check: (context) => [
    ...listedInTwo(context),
    ...sameBytes(context),
    ...sameGroup(context),
    ...samePicture(context),
    ...throughOthers(context),
    ...movedSinceBase(context),
    ...pictureOfBase(context),
  ],
}

function listedInTwo({ dataset }: RuleContext): RawFinding[] {
  return dataset.defects
    .filter((defect) => defect.code === 'image-in-two-splits')
    .map(({ file, line, column, image, message }) => ({ file, line, column, image, message, key: 'two lists' }))
}

function sameBytes({ dataset }: RuleContext): RawFinding[] {
  const found: RawFinding[] = []
  for (const same of imagesByMd5(dataset).values()) {
    const first = same.find((image) => image.split === 'train') ?? same[0]
    for (const image of same) {
      if (!first || !apart(first, image)) continue
      const message = `in ${image.split}, but ${first.file} in ${first.split} has the same bytes`
      found.push({ ...of(image, first), message, key: `bytes ${image.md5}` })
    }
  }
  return found
}

function apart(a: DatasetImage, b: DatasetImage): boolean {
  return a.split !== b.split && a.split !== 'none' && b.split !== 'none'
}

/** A finding about an image, with the one beside it. */
function of(image: DatasetImage, { name, file, split }: DatasetImage): Omit<RawFinding, 'message' | 'key'> {
  return { file: image.file, line: 0, image: image.name, pair: { image: name, file, split } }
}

function sameGroup({ dataset }: RuleContext): RawFinding[] {
  const firstOf = new Map<string, DatasetImage>()
  const told = new Map<string, RawFinding & { count: number }>()
  for (const image of dataset.images) {
    for (const kind of ['scene', 'video'] as const) {
      const group = image.provenance?.[kind]
      if (!group || image.split === 'none') continue
      const first = firstOf.get(`${kind} ${group}`)
      if (!first) firstOf.set(`${kind} ${group}`, image)
      else if (apart(first, image)) {
        const key = `${kind} ${group} ${[first.split, image.split].sort().join(' ')}`
        const earlier = told.get(key)
        if (earlier) earlier.count++
        else told.set(key, { ...groupFinding(kind, group, first, image), key, count: 1 })
      }
    }
  }
  return [...told.values()].map(({ count, ...finding }) => ({
    ...finding,
    message: count > 1 ? `${finding.message} (${count} images)` : finding.message,
  }))
}

function groupFinding(kind: string, group: string, first: DatasetImage, image: DatasetImage): Omit<RawFinding, 'key'> {
  const message = `${kind} "${group}" is in ${image.split} and, with ${first.file}, in ${first.split}`
  return { ...of(image, first), image: null, message }
}

/** Copies that were encoded or sized anew; told of the image that judges, with the one that trains beside it. */
function samePicture({ dataset }: RuleContext): RawFinding[] {
  return (dataset.copies ?? []).flatMap(({ image: i, other: j, inBase, correlation }) => {
    const [a, b] = [dataset.images[i], dataset.images[j]]
    if (inBase || !a || !b || !apart(a, b)) return []
    const [image, other] = a.split === 'train' || (a.split === 'val' && b.split === 'test') ? [b, a] : [a, b]
    const message = `in ${image.split}, but ${other.file} in ${other.split} is the same picture, encoded or sized anew (correlation ${correlation.toFixed(3)})`
    return [{ ...of(image, other), message, key: `copy ${other.md5 ?? other.name}` }]
  })
}

/** Splits that are tied only by images of no split: a copy of one, a frame of the other's scene. */
function throughOthers({ dataset }: RuleContext): RawFinding[] {
  const { images } = dataset
  if (!images.some((image) => image.split === 'none')) return []
  const all = groupImages(dataset, ['bytes', 'scene', 'video', 'copy'])
  const direct = groupImages(withoutUnlisted(dataset), ['bytes', 'scene', 'video', 'copy'])
  const found: RawFinding[] = []
  const firstOf = new Map<number, Map<string, number>>()
  for (const [i, image] of images.entries()) {
    if (image.split === 'none') continue
    const splits = firstOf.get(all.find(i)) ?? new Map<string, number>()
    firstOf.set(all.find(i), splits)
    if (splits.has(image.split)) continue
    for (const [, j] of splits) {
      const other = images[j] as DatasetImage
      if (direct.find(i) === direct.find(j)) continue
      const message = `in ${image.split}, and tied to ${other.file} in ${other.split} by images of no split (copies, scenes or videos)`
      found.push({ ...of(image, other), message, key: `tied ${other.md5 ?? other.name}` })
    }
    splits.set(image.split, i)
  }
  return found
}

/** The same images, those of no split with nothing that ties them to others. */
function withoutUnlisted(dataset: Dataset): Dataset {
  const images = dataset.images.map((image) =>
    image.split === 'none' ? { ...image, md5: null, provenance: null } : image,
  )
  const listed = (i: number) => dataset.images[i]?.split !== 'none'
  const copies = (dataset.copies ?? []).filter((pair) => !pair.inBase && listed(pair.image) && listed(pair.other))
  return { ...dataset, images, copies }
}

/** What the base trained on must not judge the head, nor the other way round. */
function movedSinceBase({ dataset, base }: RuleContext): RawFinding[] {
  if (!base) return []
  const match = matchImages(dataset, base)
  return dataset.images.flatMap((image, i) => {
    const before = base.images[match[i] as number]
    if (!before || !apart(before, image) || (image.split !== 'train' && before.split !== 'train')) return []
    const message = `in ${image.split}, but in ${before.split} of the base: the champion has seen it there`
    return [{ file: image.file, line: 0, image: image.name, message, key: `base ${before.split} ${image.split}` }]
  })
}

/** The same, where the base's image is gone and a copy of its picture came. */
function pictureOfBase({ dataset, base }: RuleContext): RawFinding[] {
  return (dataset.copies ?? []).flatMap(({ image: i, other, inBase }) => {
    const [image, before] = [dataset.images[i], base?.images[other]]
    if (!inBase || !image || !before || !apart(before, image)) return []
    if (image.split !== 'train' && before.split !== 'train') return []
    const message = `in ${image.split}, but the base had the same picture as ${before.file} in ${before.split}`
    return [{ ...of(image, before), message, key: `base copy ${before.md5 ?? before.name}` }]
  })
}

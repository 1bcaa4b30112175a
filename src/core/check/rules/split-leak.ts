import type { DatasetImage } from '../../dataset/model.ts'
import { imagesByMd5, matchImages } from '../identity.ts'
import type { RawFinding, Rule, RuleContext } from '../rule.ts'

export const splitLeak: Rule = {
  id: 'split-leak',
  severity: 'error',
  scope: 'dataset',
  title: 'Training and validation share images or scenes',
  explanation:
    'A model that was trained on what it is judged by looks better than it is. The same bytes, the same scene or video in two splits, or an image that was in the other split of the base, all do that.',
  mend: 'Keep everything of one scene or video in one split, and leave images in the split they were in.',
  check: (context) => [
    ...listedInTwo(context),
    ...sameBytes(context),
    ...sameGroup(context),
    ...movedSinceBase(context),
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
      found.push({ file: image.file, line: 0, image: image.name, message, key: `bytes ${image.md5}` })
    }
  }
  return found
}

function apart(a: DatasetImage, b: DatasetImage): boolean {
  return a.split !== b.split && a.split !== 'none' && b.split !== 'none'
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
  return { file: image.file, line: 0, image: null, message }
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

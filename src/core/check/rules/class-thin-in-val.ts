import type { Dataset } from '../../dataset/model.ts'
import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

/** Scenes or videos (images where neither is known) that must show a class: boxes of one scene are one opinion. */
const leastGroups = 10

export const classThinInVal: Rule = {
  id: 'class-thin-in-val',
  severity: 'info',
  scope: 'dataset',
  title: 'A class cannot be measured in validation',
  explanation:
    'With few boxes, or boxes of fewer than 10 scenes (videos; images where neither is known), its score is too uncertain to tell two models apart.',
  mend: 'Label more validation images of other scenes that show the class.',
  limit: { value: 30, meaning: 'boxes of a class in the validation split at least' },
  check: ({ dataset, limit }) => {
    const val = classCounts(dataset, 'val')
    const groups = groupsByClass(dataset)
    return dataset.classes.flatMap((name, id) => {
      const [boxes, seen] = [val.boxes[id] ?? 0, groups[id]?.size ?? 0]
      if (boxes === 0 || (boxes >= limit && seen >= leastGroups)) return []
      const message = `class "${name}" is unmeasurable: ${boxes} boxes in ${seen} groups of val`
      return [wholeFinding(message, name)]
    })
  },
}

/** By class id, the groups of validation images that show it. */
function groupsByClass({ images, boxes, classes }: Dataset): Set<string>[] {
  const groups = classes.map(() => new Set<string>())
  for (let row = 0; row < boxes.count; row++) {
    const image = images[boxes.image[row] as number]
    if (image?.split !== 'val') continue
    const { scene, video } = image.provenance ?? {}
    groups[boxes.classId[row] as number]?.add(scene ?? video ?? image.name)
  }
  return groups
}

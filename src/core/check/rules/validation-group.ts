import type { DatasetImage } from '../../dataset/model.ts'
import { firstFew, type RawFinding, type Rule, wholeFinding } from '../rule.ts'

const groups = ['camera', 'uploader'] as const

export const validationGroup: Rule = {
  id: 'validation-group',
  severity: 'error',
  scope: 'dataset',
  neverWaived: true,
  title: 'Training and validation share a camera or an uploader that the spec keeps apart',
  explanation:
    'The spec names under splits.groupBy what may be on one side only. Scenes and videos are always kept apart (split-leak); a camera or an uploader only where the spec says so.',
  mend: 'Move all images of the group to one side, or take the group out of splits.groupBy in a signed change.',
  check: ({ dataset, spec }) => {
    const wanted = groups.filter((kind) => spec?.splits.groupBy.includes(kind))
    return wanted.flatMap((kind) => sharedGroups(dataset.images, kind))
  },
}

function sharedGroups(images: readonly DatasetImage[], kind: (typeof groups)[number]): RawFinding[] {
  const sides = new Map<string, { train: string[]; judged: string[] }>()
  for (const { provenance, split, file } of images) {
    const group = provenance?.[kind]
    if (!group || split === 'none') continue
    const side = sides.get(group) ?? { train: [], judged: [] }
    side[split === 'train' ? 'train' : 'judged'].push(file)
    sides.set(group, side)
  }
  return [...sides].flatMap(([group, { train, judged }]) => {
    if (train.length === 0 || judged.length === 0) return []
    const message = `${kind} "${group}" is in training (${firstFew(train, 1)}) and in validation (${firstFew(judged)})`
    return [wholeFinding(message, `${kind} ${group}`)]
  })
}

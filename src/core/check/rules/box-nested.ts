import { pairRule } from '../pair-rule.ts'
import { classNameOf } from '../rule.ts'

export const boxNested = pairRule({
  id: 'box-nested',
  severity: 'info',
  title: 'A box lies inside another of its class',
  explanation:
    'A part that was boxed beside the whole, or a group beside its members: fine where the spec means it, else one object is counted twice.',
  mend: 'Look at the image; remove one of the two boxes if they show one object.',
  limit: { value: 0.95, meaning: 'share of the smaller box that lies inside one of at least twice its area' },
  oncePerBox: true,
  fails: ({ sameClass, inside, areaRatio }, { limit }) => sameClass && inside >= limit && areaRatio < 0.5,
  message: ({ earlier, later, areaRatio }, dataset) => {
    const times = Number((1 / areaRatio).toPrecision(2))
    return `${classNameOf(dataset, later)} and the box of line ${dataset.boxes.line[earlier]}: one lies inside the other, which is ${times} times as large`
  },
})

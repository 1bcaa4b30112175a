import { boxKey } from '../../dataset/provenance.ts'
import { type RawFinding, type Rule, rowFinding } from '../rule.ts'

const machines = ['pseudo', 'prelabel', 'synthetic']

export const labelSource: Rule = {
  id: 'label-source',
  severity: 'error',
  scope: 'dataset',
  title: 'A validation box was not drawn by a person',
  explanation: 'Labels of a model in validation judge every other model by how much it resembles that one.',
  mend: 'Have a person review the box, or move the image to training.',
  check: (context) => {
    const { dataset, start } = context
    const found: RawFinding[] = []
    for (const [i, image] of dataset.images.entries()) {
      const known = image.provenance?.boxes
      if (!known || (image.split !== 'val' && image.split !== 'test')) continue
      const sourceOf = new Map(known.map(({ classId, box, source }) => [boxKey(classId, ...box), source]))
      for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
        const { classId, cx, cy, w, h } = dataset.boxes
        const place = [cx[row], cy[row], w[row], h[row]] as [number, number, number, number]
        const source = sourceOf.get(boxKey(classId[row] as number, ...place))
        if (source && machines.includes(source))
          found.push(rowFinding(context, row, `a box of source "${source}" in ${image.split}`))
      }
    }
    return found
  },
}

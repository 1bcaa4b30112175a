import { boxKey } from '../../dataset/provenance.ts'
import { lostProvenance } from '../box-provenance.ts'
import { firstFew, type RawFinding, type Rule } from '../rule.ts'

export const provenanceUnmatched: Rule = {
  id: 'provenance-unmatched',
  severity: 'warning',
  scope: 'image',
  title: 'Provenance names a box that is not there',
  explanation: 'A box was moved, relabelled or removed without its provenance: who drew it is no longer known.',
  mend: 'Write the provenance of the image again.',
  check: (context) => {
    const { dataset } = context
    const found: RawFinding[] = []
    for (const at of context.images) {
      const lost = lostProvenance(context, at)
      const image = dataset.images[at]
      if (!image || lost.length === 0) continue
      const nameOf = (id: number) => dataset.classes[id] ?? `class ${id}`
      const few = firstFew(lost.map(({ classId, box }) => `${nameOf(classId)} at ${box[0]} ${box[1]}`))
      const keys = lost.map(({ classId, box }) => `${nameOf(classId)} ${boxKey(0, ...box)}`)
      found.push({
        file: image.labelFile ?? image.file,
        line: 0,
        image: image.name,
        message: `provenance of ${lost.length} box${lost.length === 1 ? '' : 'es'} matches no label row: ${few}`,
        key: keys.sort().join(' & '),
      })
    }
    return found
  },
}

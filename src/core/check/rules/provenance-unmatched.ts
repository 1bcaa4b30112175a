import { boxKey } from '../../dataset/provenance.ts'
import type { RawFinding, Rule } from '../rule.ts'

export const provenanceUnmatched: Rule = {
  id: 'provenance-unmatched',
  severity: 'warning',
  scope: 'dataset',
  title: 'Provenance names a box that is not there',
  explanation: 'A box was moved, relabelled or removed without its provenance: who drew it is no longer known.',
  mend: 'Write the provenance of the image again.',
  check: ({ dataset, start }) => {
    const found: RawFinding[] = []
    for (const [i, image] of dataset.images.entries()) {
      const known = image.provenance?.boxes
      if (!known || known.length === 0) continue
      const there = new Set<string>()
      for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
        const { classId, cx, cy, w, h } = dataset.boxes
        const place = [cx[row], cy[row], w[row], h[row]] as [number, number, number, number]
        there.add(boxKey(classId[row] as number, ...place))
      }
      const lost = known.map(({ classId, box }) => boxKey(classId, ...box)).filter((key) => !there.has(key))
      if (lost.length === 0) continue
      const message = `provenance of ${lost.length} box${lost.length === 1 ? '' : 'es'} matches no label row`
      found.push({
        file: image.labelFile ?? image.file,
        line: 0,
        image: image.name,
        message,
        key: lost.sort().join(' & '),
      })
    }
    return found
  },
}

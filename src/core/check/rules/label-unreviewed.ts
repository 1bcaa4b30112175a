import { judges, neededReviews, provenanceByRow } from '../box-provenance.ts'
import { type RawFinding, type Rule, rowFinding } from '../rule.ts'

export const labelUnreviewed: Rule = {
  id: 'label-unreviewed',
  severity: 'error',
  scope: 'image',
  neverWaived: true,
  title: 'A validation box was not reviewed',
  explanation:
    'Provenance says that fewer people looked at the box than validation asks for: one, or what the spec says under validation.reviewPass.',
  mend: 'Have the box reviewed and raise its reviewPass, or move the image to training.',
  check: (context) => {
    const needed = neededReviews(context)
    const found: RawFinding[] = []
    for (const image of context.images) {
      if (!judges(context, image) || !context.dataset.images[image]?.provenance?.boxes) continue
      const entriesOf = provenanceByRow(context, image)
      for (let row = context.start[image] as number; row < (context.start[image + 1] as number); row++) {
        const entry = entriesOf(row).find(({ reviewPass }) => reviewPass !== undefined && reviewPass < needed)
        if (!entry) continue
        const split = context.dataset.images[image]?.split
        found.push(rowFinding(context, row, `reviewPass ${entry.reviewPass} of ${needed} in ${split}`))
      }
    }
    return found
  },
}

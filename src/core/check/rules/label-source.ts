import { judges, provenanceByRow } from '../box-provenance.ts'
import { type RawFinding, type Rule, rowFinding } from '../rule.ts'

/** Without a spec; a drawn world's labels stand for human ones, and every report says so. */
const people = ['human', 'simulated-human']

export const labelSource: Rule = {
  id: 'label-source',
  severity: 'error',
  scope: 'image',
  neverWaived: true,
  title: 'A validation box was not drawn by a person',
  explanation:
    'Labels of a model in validation judge every other model by how much it resembles that one. Which sources may judge is said in the spec under validation.sources; without it human and simulated-human.',
  mend: 'Have a person review the box, or move the image to training.',
  check: (context) => {
    const allowed: readonly string[] = context.spec ? (context.spec.validation?.sources ?? ['human']) : people
    const found: RawFinding[] = []
    for (const image of context.images) {
      if (!judges(context, image) || !context.dataset.images[image]?.provenance?.boxes) continue
      const entriesOf = provenanceByRow(context, image)
      for (let row = context.start[image] as number; row < (context.start[image + 1] as number); row++) {
        const wrong = entriesOf(row).find(({ source }) => source !== undefined && !allowed.includes(source))
        const split = context.dataset.images[image]?.split
        if (wrong) found.push(rowFinding(context, row, `a box of source "${wrong.source}" in ${split}`))
      }
    }
    return found
  },
}

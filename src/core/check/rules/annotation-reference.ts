import { defectRule } from '../rule.ts'

export const annotationReference = defectRule({
  id: 'annotation-reference',
  codes: ['annotation-reference'],
  severity: 'error',
  title: `An annotation refers to what is not there`,
  explanation: `An unknown image or category, or an id that is there twice: tools drop such annotations or fail.`,
  mend: `Correct the id, or remove the annotation.`,
})

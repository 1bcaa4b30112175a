import { defectRule } from '../rule.ts'

export const specExemplar = defectRule({
  id: 'spec-exemplar',
  codes: ['spec-exemplar'],
  severity: 'error',
  title: 'An exemplar of a label rule cannot be shown',
  explanation:
    'Annotators learn a rule from its pictures: 1 to 20 files inside the repository that exist and decode. Looked at where the spec is checked, not with every data set.',
  mend: 'Add the picture to the repository (git or DVC), or take it out of the rule.',
})

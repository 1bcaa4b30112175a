import { defectRule } from '../rule.ts'

export const provenanceSyntax = defectRule({
  id: 'provenance-syntax',
  codes: ['provenance-syntax'],
  severity: 'error',
  title: `A line of provenance cannot be read`,
  explanation: `What a line says of its image is lost: its scene, its annotator, its source.`,
  mend: `Write one JSON object a line, with the name of its image.`,
})

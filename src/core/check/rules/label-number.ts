import { defectRule } from '../rule.ts'

export const labelNumber = defectRule({
  id: 'label-number',
  codes: ['label-number'],
  severity: 'error',
  title: `A coordinate is not a finite decimal number`,
  explanation: `Decimal commas, NaN and infinities make the loader drop the image with all its boxes.`,
  mend: `Write a decimal number with a point.`,
})

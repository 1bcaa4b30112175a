import { defectRule } from '../rule.ts'

export const labelClassFormat = defectRule({
  id: 'label-class-format',
  codes: ['label-class-format'],
  severity: 'warning',
  title: `A class is written as a decimal`,
  explanation: `The loader takes 1.0 for class 1, but other tools refuse it, and it is a sign of columns that were mixed up.`,
  mend: `Write the class as a whole number.`,
})

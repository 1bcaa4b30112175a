import { defectRule } from '../rule.ts'

export const labelClass = defectRule({
  id: 'label-class',
  codes: ['label-class'],
  severity: 'error',
  title: `A class is not one of the data set`,
  explanation: `A class that is no whole number, negative or past the last name makes the loader drop the image with all its boxes.`,
  mend: `Use the id of a class in the list of names, counted from 0.`,
})

import { defectRule } from '../rule.ts'

export const pathOutside = defectRule({
  id: 'path-outside',
  codes: ['path-outside'],
  severity: 'error',
  title: `A path leaves the data set`,
  explanation: `A link or path out of the data set reads files that no version of the data set holds.`,
  mend: `Copy the file into the data set and use a path below its root.`,
})

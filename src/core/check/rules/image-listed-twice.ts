import { defectRule } from '../rule.ts'

export const imageListedTwice = defectRule({
  id: 'image-listed-twice',
  codes: ['image-listed-twice'],
  severity: 'warning',
  title: `An image is listed twice`,
  explanation: `The loader does not remove repeats: a line that is there twice counts twice in each epoch.`,
  mend: `Remove the second line.`,
})

import { defectRule } from '../rule.ts'

export const imageName = defectRule({
  id: 'image-name',
  codes: ['image-name'],
  severity: 'warning',
  title: `A file name is unsafe on some machine`,
  explanation: `Control characters, a leading dash, trailing dots or spaces, Windows device names and very long names break list files, shells, archives or a checkout on Windows.`,
  mend: `Rename the image and its label file.`,
})

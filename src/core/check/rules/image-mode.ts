import { defectRule } from '../rule.ts'

export const imageMode = defectRule({
  id: 'image-mode',
  codes: ['image-mode'],
  severity: 'info',
  title: `An image is stored in an unusual way`,
  explanation: `Sixteen bits, CMYK, one bit, transparency or several pictures in one file: loaders turn it into 8-bit RGB, each in its own way, and take the first picture only.`,
  mend: `Write it as 8-bit RGB, one picture a file, if you want to be sure what is trained on.`,
})

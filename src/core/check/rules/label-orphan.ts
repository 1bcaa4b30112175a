import { defectRule } from '../rule.ts'

export const labelOrphan = defectRule({
  id: 'label-orphan',
  codes: ['label-orphan'],
  severity: 'error',
  title: `Labels belong to no image`,
  explanation: `Nothing ever notices a label file without an image: its boxes are lost.`,
  mend: `Bring the image back, rename the file as the image, or remove it.`,
})

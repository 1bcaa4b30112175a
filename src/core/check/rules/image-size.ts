import { defectRule } from '../rule.ts'

export const imageSize = defectRule({
  id: 'image-size',
  codes: ['image-size'],
  severity: 'error',
  title: `The declared size is not that of the image`,
  explanation: `Boxes in pixels are divided by the declared size: when it is wrong, every box of the image is in the wrong place.`,
  mend: `Correct the width and height, or find out which image was labelled.`,
})

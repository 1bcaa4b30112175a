import { defectRule } from '../rule.ts'

export const imageMissing = defectRule({
  id: 'image-missing',
  codes: ['image-missing'],
  severity: 'error',
  title: `An image is named but not there`,
  explanation: `A list, an annotation or a COCO entry names an image that the data set does not have, so that the split is smaller than it says.`,
  mend: `Add the image or take the entry out.`,
})

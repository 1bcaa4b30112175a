import { defectRule } from '../rule.ts'

export const labelRange = defectRule({
  id: 'label-range',
  codes: ['label-range'],
  severity: 'error',
  title: `A coordinate is outside the image by more than 1 %`,
  explanation: `Coordinates are shares of the image. The loader drops the image with all its boxes when one of them is above 1.01 or below -0.01.`,
  mend: `Divide by the width and height of the upright image.`,
})

import { defectRule } from '../rule.ts'

export const boxNegativeSize = defectRule({
  id: 'box-negative-size',
  codes: ['label-negative-size'],
  severity: 'error',
  title: `A box has a negative size`,
  explanation: `Swapped corners or a sign error: the loader drops the image, other tools make up a box.`,
  mend: `Swap the corners, or draw the box again.`,
})

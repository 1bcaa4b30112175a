import { defectRule } from '../rule.ts'

export const labelRangeTolerated = defectRule({
  id: 'label-range-tolerated',
  codes: ['label-range-tolerated'],
  severity: 'warning',
  title: `A coordinate is slightly outside 0 to 1`,
  explanation: `The loader takes up to 1 % of overshoot; older releases take none.`,
  mend: `Clip the box to the image.`,
})

import { defectRule } from '../rule.ts'

export const labelColumns = defectRule({
  id: 'label-columns',
  codes: ['label-columns'],
  severity: 'error',
  title: `A row has the wrong number of fields`,
  explanation: `A box has exactly five fields, a polygon a class and at least three pairs. For one other row the loader drops the image with all its boxes, which are then missing from training without an error.`,
  mend: `Write class, x, y, width and height, and nothing else; strip confidences and track ids.`,
})

import { defectRule } from '../rule.ts'

export const labelEncoding = defectRule({
  id: 'label-encoding',
  codes: ['label-encoding', 'label-size'],
  severity: 'error',
  title: `A label file is not a readable text file`,
  explanation: `UTF-16, binary content, conflict markers, pointers in place of labels and files past the limits cannot be read as labels; the loader drops the image with all its boxes.`,
  mend: `Save the file as UTF-8 text with one row a box.`,
})

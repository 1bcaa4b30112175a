import { defectRule } from '../rule.ts'

export const imageUnreadable = defectRule({
  id: 'image-unreadable',
  codes: ['image-unreadable'],
  severity: 'error',
  title: `An image cannot be read`,
  explanation: `An empty, cut off or foreign file, or one under 10 pixels: the loader drops it with its labels.`,
  mend: `Replace the file with a sound image, or remove it with its labels.`,
})

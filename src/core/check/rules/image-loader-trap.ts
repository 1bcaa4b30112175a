import { defectRule } from '../rule.ts'

export const imageLoaderTrap = defectRule({
  id: 'image-loader-trap',
  codes: ['image-loader-trap'],
  severity: 'warning',
  title: `The loader would change or misread an image`,
  explanation: `Bytes after a JPEG end make the loader write the file anew, which changes its hash; wrong suffixes and EXIF orientations 5 and 7 are read differently by different tools.`,
  mend: `Write the image once more, upright and with the right suffix, and label what that shows.`,
})

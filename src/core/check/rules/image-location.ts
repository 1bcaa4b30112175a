import { defectRule } from '../rule.ts'

export const imageLocation = defectRule({
  id: 'image-location',
  codes: ['image-location'],
  severity: 'info',
  title: `An image tells where it was taken`,
  explanation: `The EXIF data hold a GPS position: whoever gets the data set learns where people live and work.`,
  mend: `Remove the position before the data set leaves the house (for example with exiftool -gps:all=).`,
})

import type { PicturesBody } from '../documents/pictures.ts'
import { counted } from './markdown.ts'

/** What was looked at and what of it is shown, in words: a sample says what it is one of. */
export function pictureWords({ images, looked, samples, withheld }: PicturesBody): string {
  const shown = samples.filter((sample) => sample.shown > 0).map(({ chosen }) => chosen.replace(/\.$/, ''))
  const seen =
    looked >= images
      ? `all ${counted(images, 'picture')} looked at for near copies`
      : `${looked.toLocaleString('en-US')} of ${counted(images, 'picture')} looked at for near copies, the others not`
  // What was not looked at comes first: long words are cut at their end.
  return `${seen}; ${withheld ?? (shown.join('; ') || 'none to show')}`
}

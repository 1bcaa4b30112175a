import type { DatasetImage } from '../../dataset/model.ts'
import { imagesByMd5 } from '../identity.ts'
import type { RawFinding, Rule } from '../rule.ts'

export const imageDuplicate: Rule = {
  id: 'image-duplicate',
  severity: 'warning',
  scope: 'dataset',
  title: 'An image is there twice under two names',
  explanation: 'The same bytes count twice, and their two label files may contradict each other.',
  mend: 'Remove one of the two, keeping the better labels.',
  check: ({ dataset }) => {
    const found: RawFinding[] = []
    for (const same of imagesByMd5(dataset).values()) {
      const firstOf = new Map<string, DatasetImage>()
      for (const image of same) {
        const first = firstOf.get(image.split)
        if (first === undefined) firstOf.set(image.split, image)
        else {
          const message = `the same bytes as ${first.file}`
          const pair = { image: first.name, file: first.file, split: first.split }
          found.push({ file: image.file, line: 0, image: image.name, message, key: `${image.md5}`, pair })
        }
      }
    }
    return found
  },
}

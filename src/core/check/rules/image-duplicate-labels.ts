import { labelsDiffer } from '../../dataset/copies.ts'
import type { RawFinding, Rule } from '../rule.ts'

export const imageDuplicateLabels: Rule = {
  id: 'image-duplicate-labels',
  severity: 'error',
  scope: 'dataset',
  title: 'One image is there twice with different labels',
  explanation:
    'The same bytes with two sets of boxes contradict each other: whichever is right, the model is taught both, and no other check of labels can see it.',
  mend: 'Compare the two, keep the right labels, and remove the other image.',
  check: ({ dataset }) => {
    const firstOf = new Map<string, number>()
    const found: RawFinding[] = []
    for (const [i, image] of dataset.images.entries()) {
      if (image.md5 === null) continue
      const first = firstOf.get(image.md5)
      if (first === undefined) firstOf.set(image.md5, i)
      else if (labelsDiffer(dataset, first, dataset, i)) {
        const { name, file, split, labelFile } = dataset.images[first] as typeof image
        const message = `the same bytes as ${file}, but labelled differently from ${labelFile ?? 'it, which has no labels'}`
        const place = { file: image.labelFile ?? image.file, line: 0, image: image.name }
        found.push({ ...place, message, key: `labels ${image.md5}`, pair: { image: name, file, split } })
      }
    }
    return found
  },
}

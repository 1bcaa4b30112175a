import { labelsDiffer } from '../../dataset/copies.ts'
import type { Rule } from '../rule.ts'

export const imageNearDuplicate: Rule = {
  id: 'image-near-duplicate',
  severity: 'warning',
  scope: 'dataset',
  title: 'A picture is there twice, encoded or sized anew',
  explanation:
    'A copy adds nothing to training and counts twice in validation; when the two are labelled differently, one of them is wrong. Pixels were compared, not hashes alone. Only where images are decoded.',
  mend: 'Remove one of the two, keeping the better picture and labels.',
  check: ({ dataset }) =>
    (dataset.copies ?? []).flatMap(({ image: i, other: j, inBase, correlation }) => {
      const [earlier, image] = [dataset.images[Math.min(i, j)], dataset.images[Math.max(i, j)]]
      const apart = image?.split !== earlier?.split && image?.split !== 'none' && earlier?.split !== 'none'
      if (inBase || !image || !earlier || apart) return []
      const labels = labelsDiffer(dataset, i, dataset, j) ? '; their labels differ' : ''
      const { name, file, split } = earlier
      const message = `the same picture as ${file}, encoded or sized anew (correlation ${correlation.toFixed(3)})${labels}`
      const key = `copy ${earlier.md5 ?? name}`
      return [{ file: image.file, line: 0, image: image.name, message, key, pair: { image: name, file, split } }]
    }),
}

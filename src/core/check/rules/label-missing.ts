import type { Dataset } from '../../dataset/model.ts'
import type { RawFinding, Rule } from '../rule.ts'

export const labelMissing: Rule = {
  id: 'label-missing',
  severity: 'warning',
  scope: 'image',
  title: 'An image has no label file',
  explanation:
    'The loader takes such an image as background without a word. An empty label file says that it is meant.',
  mend: 'Label the image, or add an empty label file if nothing is to be found in it.',
  check: ({ dataset, images }) => {
    const found: RawFinding[] = []
    for (const at of images) {
      const { file, name, labelFile } = dataset.images[at] as Dataset['images'][number]
      if (labelFile !== null) continue
      found.push({ file, line: 0, image: name, message: 'has no label file', key: 'unlabelled' })
    }
    return found
  },
}

import type { Rule } from '../rule.ts'

export const labelMissing: Rule = {
  id: 'label-missing',
  severity: 'warning',
  scope: 'image',
  title: 'An image has no label file',
  explanation:
    'The loader takes such an image as background without a word. An empty label file says that it is meant.',
  mend: 'Label the image, or add an empty label file if nothing is to be found in it.',
  check: ({ dataset }) =>
    dataset.images
      .filter((image) => image.labelFile === null)
      .map(({ file, name }) => ({ file, line: 0, image: name, message: 'has no label file', key: 'unlabelled' })),
}

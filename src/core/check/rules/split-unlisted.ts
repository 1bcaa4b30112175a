import type { Rule } from '../rule.ts'

export const splitUnlisted: Rule = {
  id: 'split-unlisted',
  severity: 'warning',
  scope: 'dataset',
  title: 'Images are in no split',
  explanation: 'An image that no list names is neither trained on nor judged by; its labels are effort without effect.',
  mend: 'Add the images to a list in splits/, or remove them.',
  check: ({ dataset }) => {
    const without = dataset.images.filter((image) => image.split === 'none')
    if (without.length === 0 || without.length === dataset.images.length) return []
    return without.map(({ file, name }) => ({ file, line: 0, image: name, message: 'is in no split', key: 'unlisted' }))
  },
}

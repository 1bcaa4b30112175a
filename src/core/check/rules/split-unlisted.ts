import { type Rule, wholeFinding } from '../rule.ts'

export const splitUnlisted: Rule = {
  id: 'split-unlisted',
  severity: 'warning',
  title: 'Images are in no split',
  explanation: 'An image that no list names is neither trained on nor judged by; its labels are effort without effect.',
  mend: 'Add the images to a list in splits/, or remove them.',
  check: ({ dataset }) => {
    const without = dataset.images.filter((image) => image.split === 'none')
    if (without.length === 0 || without.length === dataset.images.length) return []
    const names = without.slice(0, 3).map((image) => image.name)
    const more = without.length > 3 ? ` and ${without.length - 3} more` : ''
    return [wholeFinding(`${without.length} images are in no split: ${names.join(', ')}${more}`, 'unlisted')]
  },
}

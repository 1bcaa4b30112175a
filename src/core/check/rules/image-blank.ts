import type { Rule } from '../rule.ts'

export const imageBlank: Rule = {
  id: 'image-blank',
  severity: 'warning',
  scope: 'image',
  title: 'A picture shows nothing',
  explanation:
    'A black, white or evenly coloured picture is a covered lens or a failed exposure: what is labelled on it cannot be seen. Only where images are decoded.',
  mend: 'Remove the image, or fetch the right one.',
  limit: { value: 1.5, meaning: 'standard deviation of the luminance (0 to 255) below which a picture is blank' },
  check: ({ dataset, images, limit }) =>
    [...images].flatMap((i) => {
      const image = dataset.images[i]
      if (!image?.look || image.look.contrast >= limit) return []
      const { contrast, brightness } = image.look
      const message = `one even colour: brightness ${Math.round(brightness)} of 255, standard deviation ${contrast}`
      return [{ file: image.file, line: 0, image: image.name, message, key: 'blank' }]
    }),
}

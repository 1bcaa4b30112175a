import { join } from 'node:path'
import type { Dataset, Defect } from '../../core/dataset/model.ts'
import type { Progress } from '../../ports.ts'

/**
 * Decodes every image in full, a few at a time, and says which cannot be; their headers may be sound all the same.
 * Paths of the data set are below `folder`, the real path of its root.
 */
export async function decodeImages(dataset: Dataset, folder: string, progress: Progress): Promise<Defect[]> {
  const { default: sharp } = await import('sharp')
  const defects: Defect[] = []
  const refused = new Set(
    dataset.defects.filter((defect) => defect.code === 'image-unreadable').map(({ file }) => file),
  )
  const images = dataset.images.filter((image) => !refused.has(image.file) && image.width > 0)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < images.length; at = next++) {
      const { file, name } = images[at] as (typeof images)[number]
      try {
        await sharp(join(folder, file), { failOn: 'truncated', limitInputPixels: 200_000_000 }).stats()
      } catch (error) {
        const message = `cannot be decoded: ${(error as Error).message.split('\n')[0]?.replaceAll(folder, '').slice(0, 120)}`
        defects.push({ code: 'image-unreadable', file, line: 0, column: 0, message, image: name, key: 'decode' })
      }
      progress.update(at + 1, images.length)
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  progress.end(`${images.length} images, ${defects.length} unreadable`)
  return defects.sort((a, b) => (a.file < b.file ? -1 : 1))
}

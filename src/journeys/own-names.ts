import type { DatasetImage } from '../core/dataset/model.ts'
import { sha256 } from '../core/documents/define.ts'

const longest = 80

/** A folder's name as the name of a data set and model: what tags, branches and paths take. */
export function storyName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.')
  const generic = /^(?:data|dataset|annotations|instances.*)(?:\.\w+)?$/i
  const last = parts.findLast((part) => !generic.test(part)) ?? parts.at(-1) ?? ''
  const slug = plain(last.replace(/\.(?:ya?ml|json)$/i, ''))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return /^[a-z]/.test(slug) ? slug : `data-${slug || 'set'}`
}

/**
 * A safe file name for each image, in their order: no folders, no blanks, no two that differ only in case. An image's
 * name depends on its own path alone, unless two collide; then all but the first get a number from their path.
 */
export function safeNames(images: readonly Pick<DatasetImage, 'name' | 'file'>[]): string[] {
  const taken = new Set<string>()
  return images.map(({ name, file }) => {
    const tail = () => `-${sha256(file).slice(0, 8)}`
    let safe = plain(name)
    if (safe.length > longest) safe = safe.slice(0, longest) + tail()
    if (safe === '' || taken.has(safe.toLowerCase())) safe += tail()
    taken.add(safe.toLowerCase())
    return safe
  })
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
}

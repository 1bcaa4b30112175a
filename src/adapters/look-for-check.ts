import { realpathSync } from 'node:fs'
import type { Dataset, DatasetImage, Defect, PictureCopy } from '../core/dataset/model.ts'
import type { Progress } from '../ports.ts'
import { datasetFolder } from './dataset/describe.ts'
import { lookAtImages } from './dataset/look.ts'
import { findCopies } from './dataset/look-copies.ts'
import { readLooks, writeLooks } from './look-cache.ts'
import type { Opened } from './open-dataset.ts'

/** Which pictures a check decodes: those that the base does not have, all, or none. */
export type Pixels = 'changed' | 'all' | 'none'

/**
 * Decodes images and says which cannot be (their headers may be sound all the same); fills the looks and finds copies,
 * also of images that only the base holds. What an earlier check left in `cache` is not decoded again.
 */
export async function lookForCheck(
  { head, base }: { head: Opened; base: Opened | null },
  pixels: Pixels,
  progress: (label: string) => Progress,
  cache: string | null = null,
): Promise<void> {
  if (pixels === 'none') return
  const { dataset } = head
  const known = cache === null ? new Map() : readLooks(cache)
  for (const image of [...dataset.images, ...(base?.dataset.images ?? [])]) {
    const look = image.md5 === null ? undefined : known.get(image.md5)
    if (look) image.look = look
  }
  const inBase = identities(base?.dataset)
  const wanted = indices(dataset, (id) => pixels === 'all' || !inBase.has(id))
  const { defects, unread } = await look(head, wanted, () => progress('pictures'))
  dataset.defects.push(...defects)
  if (base) tellBase(base.dataset, dataset, defects)
  const note = (text: string) => {
    dataset.notes = [...(dataset.notes ?? []), text]
  }
  for (const [format, count] of Object.entries(unread))
    note(`${count} images were not decoded: no decoder for ${format} is here.`)
  if (base && pixels === 'all') {
    const inHead = identities(dataset)
    await look(
      base,
      indices(base.dataset, (id) => !inHead.has(id)),
      () => progress('pictures of the base'),
    )
  }
  const blind = dataset.images.filter((image) => !image.look).length
  if (blind > 0 && wanted.length > 0)
    note(`The pictures of ${blind} images were not looked at: near copies of them cannot be seen.`)
  const { capped } = await findCopies(
    dataset,
    folderOf(head),
    dataset.images.some((image) => image.look) ? progress('copies') : quiet,
    base && { dataset: base.dataset, folder: folderOf(base), place: placeOf(base) },
    placeOf(head),
  )
  if (base) base.dataset.copies = copiesIn(base.dataset, dataset)
  if (capped) note('Too many pictures look alike: each was compared with 32 others, those of other splits first.')
  if (cache !== null) writeLooks(cache, base ? [dataset, base.dataset] : [dataset])
}

/** What was seen in pictures that the base has too, under the names that it has there. */
function tellBase(base: Dataset, head: Dataset, defects: readonly Defect[]): void {
  const seen = new Map(head.images.map((image) => [image.md5 ?? image.name, image]))
  const told = new Map(defects.map((defect) => [defect.image, defect]))
  for (const image of base.images) {
    const twin = seen.get(image.md5 ?? image.name)
    if (!twin) continue
    if (twin.look && !image.look) image.look = twin.look
    const defect = told.get(twin.name)
    if (defect) base.defects.push({ ...defect, file: image.file, image: image.name })
  }
}

/** Copies that the base has too: what it had is no news, whoever looked first. */
function copiesIn(base: Dataset, head: Dataset): PictureCopy[] {
  const named = new Map(base.images.map(({ name, md5 }, i) => [`${name} ${md5}`, i]))
  const held = new Map(base.images.map(({ name, md5 }, i) => [md5 ?? name, i]))
  const at = ({ name, md5 }: DatasetImage) => named.get(`${name} ${md5}`) ?? held.get(md5 ?? name)
  return (head.copies ?? []).flatMap(({ image, other, inBase, correlation }) => {
    const [one, two] = [head.images[image], head.images[other]]
    const [i, j] = inBase || !one || !two ? [] : [at(one), at(two)]
    return i === undefined || j === undefined || i === j ? [] : [{ image: i, other: j, inBase: false, correlation }]
  })
}

/** Images by what is in them, or by name where that is not known. */
function identities(dataset: Dataset | undefined): Set<string> {
  return new Set(dataset?.images.map(({ md5, name }) => md5 ?? name))
}

function indices(dataset: Dataset, wanted: (identity: string) => boolean): number[] {
  return dataset.images.flatMap(({ md5, name }, i) => (wanted(md5 ?? name) ? [i] : []))
}

const folderOf = ({ commit, dataset }: Opened) => (commit === null ? realpathSync(datasetFolder(dataset)) : '')
const placeOf =
  ({ tree }: Opened) =>
  (file: string) =>
    tree.here(file) ? tree.place(file) : null

const quiet: Progress = { update: () => {}, end: () => {} }

function look(opened: Opened, only: number[], progress: () => Progress) {
  const place = placeOf(opened)
  const any = only.some((i) => place(opened.dataset.images[i]?.file ?? '') !== null)
  return lookAtImages(opened.dataset, folderOf(opened), any ? progress() : quiet, { only, place })
}

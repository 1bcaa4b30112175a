import { type Dataset, type DatasetImage, rowStarts } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { Finding, FindingsBody } from '../core/documents/findings.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import { freshFindings, groupedByRule, placeOf } from '../core/render/check-words.ts'
import type { PictureBox } from '../core/render/report-input.ts'
import { seededRandom } from '../core/stats/random.ts'
import type { PictureSide, WantedPicture } from './show-pictures.ts'

type Entry = DatasetDiffBody['byImage'][number]
export type Chosen = { title: string; chosen: (shown: number) => string; wanted: WantedPicture[] }

/** New findings that a picture can show: the first of each rule, then the second of each, worst rules first. */
export function chooseFindings(head: PictureSide, body: FindingsBody, most = 12): Chosen {
  const known = new Map(head.dataset.images.map((image) => [image.name, image]))
  const drawable = freshFindings(body).filter(
    ({ image, severity }) => image !== null && severity !== 'info' && known.has(image),
  )
  const groups = groupedByRule(drawable).map(({ findings }) => oneAnImage(findings))
  const rounds = Array.from({ length: most }, (_, round) => groups.flatMap((group) => group[round] ?? []))
  const wanted = rounds.flat().slice(0, most)
  return {
    title: 'The findings, seen',
    chosen: (shown) =>
      `Pictures of findings: ${shown} of ${drawable.length}, the first of each rule, then the next, worst rules first.`,
    wanted: wanted.map((finding) => findingPicture(head, finding, known)),
  }
}

function oneAnImage(findings: readonly Finding[]): Finding[] {
  return [...Map.groupBy(findings, ({ image }) => image).values()].map(([first]) => first as Finding)
}

function findingPicture(side: PictureSide, finding: Finding, known: Map<string, DatasetImage>): WantedPicture {
  const { rule, severity, boxes = [], pair } = finding
  const image = finding.image as string
  const split = known.get(image)?.split ?? 'none'
  const other = pair && known.has(pair.image) ? pair : undefined
  return {
    side,
    image,
    finding,
    title: other ? `${other.image} (${other.split}) and ${image} (${split})` : placeOf(finding),
    caption: finding.message,
    boxes: boxes.map(({ label, role, box }) => ({ label, box, role: role === 'other' ? 'unchanged' : role })),
    facets: { rule, severity, split },
    ...(other
      ? { beside: { side, image: other.image, boxes: [] }, words: [`${other.split}`, split] as [string, string] }
      : {}),
  }
}

/** Changed images: the worst by changed boxes, and as many at random by the seed, so that nobody picks the pretty ones. */
export function chooseChanges(
  head: PictureSide,
  base: PictureSide | null,
  diff: DatasetDiffBody,
  seed: string,
  most = 6,
): Chosen {
  // What was labelled before and is other now comes first: nobody sees it in a count of new boxes.
  const touched = ({ boxes }: Entry) => boxes.removed + boxes.relabelled + boxes.moved
  const worse = (a: Entry, b: Entry) =>
    touched(b) - touched(a) || b.boxes.added - a.boxes.added || (a.image < b.image ? -1 : 1)
  const seeable = diff.byImage.filter(({ change }) => change !== 'removed' || base !== null)
  const sorted = seeable.toSorted(worse)
  const worst = sorted.slice(0, most)
  const random = seededRandom(seed).shuffle(sorted.slice(most)).slice(0, most)
  const sides = { head: rowsByName(head.dataset), base: base ? rowsByName(base.dataset) : null }
  const wanted = [...worst, ...random].map((entry): WantedPicture => {
    const { before, after } = boxesOf(entry, sides)
    const kept = base !== null && entry.change !== 'added' && entry.change !== 'removed'
    const old = kept ? baseName(entry, sides) : null
    const counts = (['added', 'removed', 'moved', 'relabelled'] as const).filter((kind) => entry.boxes[kind] > 0)
    const words = counts.map((kind) => `${entry.boxes[kind]} ${kind}`).join(', ') || 'boxes as before'
    return {
      side: entry.change === 'removed' && base ? base : head,
      image: entry.image,
      title: entry.image,
      caption: `${entry.change}${entry.from ? ` from ${entry.from}` : ''}, ${entry.split}: ${words}`,
      boxes: entry.change === 'removed' ? before : after,
      ...(kept ? { before } : {}),
      // Other pixels under the same name: the picture as it was stands first.
      ...(base && old !== null && replaced(sides, entry.image, old)
        ? { beside: { side: base, image: old, boxes: before } }
        : {}),
      facets: { split: entry.split },
    }
  })
  return {
    title: 'What is new, seen',
    chosen: (shown) => {
      const how =
        random.length > 0
          ? `the ${worst.length} whose labels changed most and ${random.length} at random, seeded by ${seed.slice(0, 12)}`
          : 'those whose labels changed most first'
      return `${shown} shown of ${diff.byImage.length} changed images: ${how}.`
    },
    wanted,
  }
}

type Rows = { dataset: Dataset; start: Uint32Array; index: Map<string, number> }

function rowsByName(dataset: Dataset): Rows {
  return { dataset, start: rowStarts(dataset), index: new Map(dataset.images.map(({ name }, i) => [name, i])) }
}

function replaced({ head, base }: { head: Rows; base: Rows | null }, name: string, old: string): boolean {
  const [now, then] = [head.dataset.images[head.index.get(name) ?? -1], base?.dataset.images[base.index.get(old) ?? -1]]
  return Boolean(now?.md5 && then?.md5 && now.md5 !== then.md5)
}

/** Boxes before and after: the changed ones by their kind of change, the others as unchanged. */
function boxesOf(entry: Entry, sides: { head: Rows; base: Rows | null }) {
  const changed = (side: 'before' | 'after') =>
    entry.changes.flatMap((change): PictureBox[] => {
      const box = change[side]
      return box ? [{ label: box.className, role: change.change, box: box.box }] : []
    })
  const [before, after] = [changed('before'), changed('after')]
  const old = entry.change === 'added' ? [] : unchanged(sides.base, baseName(entry, sides), before)
  return { before: [...before, ...old], after: [...after, ...unchanged(sides.head, entry.image, after)] }
}

/** The image's name in the base: its old one, its own, or that of the same bytes. */
function baseName({ image, from }: Entry, { head, base }: { head: Rows; base: Rows | null }) {
  if (!base) return image
  if (from !== undefined && base.index.has(from)) return from
  if (base.index.has(image)) return image
  const md5 = head.dataset.images[head.index.get(image) ?? -1]?.md5
  return base.dataset.images.find((old) => md5 && old.md5 === md5)?.name ?? image
}

function unchanged(rows: Rows | null, name: string, changed: readonly PictureBox[]): PictureBox[] {
  const at = rows?.index.get(name)
  if (!rows || at === undefined) return []
  const { boxes, classes } = rows.dataset
  const known = new Set(changed.map(({ label, box }) => `${label} ${box.join(' ')}`))
  const found: PictureBox[] = []
  for (let row = rows.start[at] as number; row < (rows.start[at + 1] as number); row++) {
    const classId = boxes.classId[row] as number
    const label = classes[classId] ?? `class ${classId}`
    const box = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as number[]
    if (!known.has(`${label} ${box.join(' ')}`)) found.push({ label, role: 'unchanged', box })
  }
  return found
}

/** Labels in doubt beside the champion's view, worst first, one an image. */
export function chooseDoubts(head: PictureSide, { items, flagged }: SuspiciousBody, most = 8): Chosen {
  const known = new Map(head.dataset.images.map((image) => [image.name, image]))
  const worst = [...Map.groupBy(items, ({ image }) => image).values()].slice(0, most).map(([first]) => first)
  return {
    title: 'Labels in doubt',
    chosen: (shown) =>
      `${shown} shown of ${flagged} labels in doubt: those that the champion disagrees with most, one an image.`,
    wanted: worst
      .filter((item) => item !== undefined)
      .map((item) => {
        const { issue, className, predictedClass, confidence, image } = item
        const sure = confidence.toFixed(2)
        const drawn = (label: string, role: PictureBox['role'], box: number[]): PictureBox[] =>
          box.length === 4 && label !== '' ? [{ label, role, box }] : []
        const titles = {
          swapped: `${className}, or ${predictedClass}?`,
          overlooked: `${predictedClass} without a label?`,
          'badly-located': `${className}: badly located?`,
        }
        const seen = predictedClass === '' ? 'sees nothing here' : `says ${predictedClass} at ${sure}`
        return {
          side: head,
          image,
          title: titles[issue],
          caption: `${image}: the champion ${seen}`,
          before: drawn(className, 'suspect', item.box),
          boxes: drawn(`${predictedClass} ${sure}`, 'prediction', predictedClass === '' ? [] : item.predicted),
          words: ['the label', 'the champion'] as [string, string],
          facets: { split: known.get(image)?.split ?? 'none' },
        }
      }),
  }
}

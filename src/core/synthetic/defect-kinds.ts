import { UsageError } from '../errors.ts'
import type { Random } from '../stats/random.ts'
import { floodRows, type Kind, rowDefects } from './defect-rows.ts'
import type { DefectSite, Target } from './defect-site.ts'

/** Replaces an image's bytes. */
function imageKind(rule: string, summary: string, change: (bytes: Uint8Array) => Uint8Array): Kind {
  return {
    rule,
    summary,
    plant: (site, target) => {
      site.write(target.image, change(site.files.bytes(target.image)))
      return [{ file: target.image, line: 0, image: target.name, says: summary }]
    },
  }
}

/** A copy of an image under another name, with its labels, provenance and a line in a split. */
function copyImage(site: DefectSite, target: Target, suffix: string, split: string, later: boolean): Target {
  const rename = (path: string) => path.replace(/(\.[^./]+)$/, `${suffix}$1`)
  const copy = { ...target, name: `${target.name}${suffix}`, image: rename(target.image), label: rename(target.label) }
  site.write(copy.image, site.files.bytes(target.image))
  if (site.has(target.label)) site.write(copy.label, site.files.text(target.label))
  site.list(split, copy.image)
  site.copyProvenance(target, copy, later)
  return copy
}

/** Every kind of defect that can be planted, in the order in which they choose their images. */
export const defectKinds = {
  ...rowDefects,
  // Before all that add lines to the split, so that their line numbers stay true.
  unlisted: {
    rule: 'split-unlisted',
    summary: 'an image that no split lists',
    suits: ({ rows }, site) => rows.length > 0 && site.has(`splits/${site.split}.txt`),
    plant: (site, target) => {
      site.relist(target.image, null)
      return [{ file: target.image, line: 0, image: target.name, says: 'its line in the split was removed' }]
    },
  },
  'missing-image': {
    rule: 'image-missing',
    summary: 'a label and a line in a split, but no image',
    plant: (site, target) => {
      site.write(target.image, null)
      return [{ file: target.image, line: 0, image: target.name, says: 'the image file was removed' }]
    },
  },
  'missing-label': {
    rule: 'label-missing',
    summary: 'an image without a label file',
    plant: (site, target) => {
      site.write(target.label, null)
      site.syncProvenance(target, [])
      return [{ file: target.label, line: 0, image: target.name, says: 'the label file was removed' }]
    },
  },
  'orphan-label': {
    rule: 'label-orphan',
    summary: 'a label file that belongs to no image',
    plant: (site, target) => {
      const label = target.label.replace(/\.txt$/, '-orphan.txt')
      site.write(label, `${target.rows.join('\n')}\n`)
      return [{ file: label, line: 0, image: null, says: 'a label file without an image was added' }]
    },
  },
  'truncated-image': imageKind('image-unreadable', 'the image file ends after 60 % of its bytes', (bytes) =>
    bytes.slice(0, Math.floor(bytes.length * 0.6)),
  ),
  'corrupt-image': imageKind('image-unreadable', 'the image file starts with zeros, so it is no image', (bytes) =>
    bytes.slice().fill(0, 0, 64),
  ),
  'duplicate-image': {
    rule: 'image-duplicate',
    summary: 'the same image twice, under two names',
    plant: (site, target) => {
      const copy = copyImage(site, target, '_copy', site.split, false)
      return [{ file: copy.image, line: 0, image: copy.name, says: `a copy of ${target.image} was added` }]
    },
  },
  'wrong-suffix': {
    rule: 'image-loader-trap',
    summary: 'an image whose suffix names another format',
    suits: ({ image, rows }) => /\.(?:png|jpe?g)$/i.test(image) && rows.length > 0,
    plant: (site, target) => {
      const other = /\.png$/i.test(target.image) ? 'jpg' : 'png'
      const file = target.image.replace(/[^.]+$/, other)
      site.write(file, site.files.bytes(target.image))
      site.write(target.image, null)
      site.relist(target.image, file)
      return [{ file, line: 0, image: target.name, says: `${target.image} was renamed` }]
    },
  },
  'listed-twice': {
    rule: 'image-listed-twice',
    summary: 'an image that stands twice in the list of its split',
    plant: (site, target) => {
      const line = site.list(site.split, target.image)
      return [{ file: `splits/${site.split}.txt`, line, image: target.name, says: `${target.image} was listed again` }]
    },
  },
  'path-outside': {
    rule: 'path-outside',
    summary: 'a line of a split that leads out of the folder',
    plant: (site) => {
      const path = '../../outside.png'
      const line = site.list(site.split, path)
      return [{ file: `splits/${site.split}.txt`, line, image: null, says: `"${path}" was listed` }]
    },
  },
  'scene-leak': {
    rule: 'split-leak',
    summary: 'a scene that also stands in validation',
    plant: (site, _, random) => {
      const target = validation(site, random)
      const copy = copyImage(site, target, '_again', site.split, true)
      const says = `${target.image} of val stands in ${site.split} too, under another name`
      return [{ file: copy.image, line: 0, image: copy.name, says }]
    },
  },
  'split-overlap': {
    rule: 'split-leak',
    summary: 'one image listed in two splits',
    plant: (site, _, random) => {
      const target = validation(site, random)
      const line = site.list(site.split, target.image)
      return [
        { file: `splits/${site.split}.txt`, line, image: target.name, says: `${target.image} is listed in val too` },
      ]
    },
  },
  'class-flood': {
    rule: 'class-balance',
    summary: 'many boxes of the class that is the most frequent already, so that the balance of classes tips',
    plant: (site, first, random) => {
      const targets = [first, ...site.further(0.2)]
      const classId = mostFrequentClass(targets, site.classCount)
      return targets.map((target) => {
        const added = floodRows(classId, random)
        site.writeRows(target, [...target.rows, ...added])
        const says = `${added.length} boxes of class ${classId} were added`
        return { file: target.label, line: target.rows.length + 1, image: target.name, says }
      })
    },
  },
} as const satisfies Record<string, Kind>

export type DefectKind = keyof typeof defectKinds

function validation(site: DefectSite, random: Random): Target {
  const targets = site.split === 'val' ? [] : site.targetsOf('val')
  if (targets.length === 0) {
    throw new UsageError('a leak needs a validation split beside the one that is spoilt', {
      where: 'splits/val.txt',
      mend: 'write validation images first (--split val), then the others into the same folder',
    })
  }
  return random.pick(targets)
}

function mostFrequentClass(targets: readonly Target[], classCount: number): number {
  const counts = new Array<number>(classCount).fill(0)
  for (const row of targets.flatMap(({ rows }) => rows)) {
    const id = Number.parseInt(row, 10)
    if (id >= 0 && id < classCount) counts[id]!++
  }
  return counts.indexOf(Math.max(...counts))
}

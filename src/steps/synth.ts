import type { Provenance } from '../core/dataset/model.ts'
import { UsageError } from '../core/errors.ts'
import type { Changes, DataFiles } from '../core/synthetic/data-files.ts'
import type { DefectKind } from '../core/synthetic/defect-kinds.ts'
import { type Planted, plantDefects } from '../core/synthetic/defects.ts'
import { classes } from '../core/synthetic/figure.ts'
import { dataYaml, formatRows, mergeLines, mergeProvenance } from '../core/synthetic/layout.ts'
import { drawFrame, type Frame, frameName, type ScenePlan } from '../core/synthetic/worksite.ts'
import type { Images, Progress, Storage } from '../ports.ts'

export type WorldPart = { split: 'train' | 'val' | 'test'; plans: readonly ScenePlan[] }

// Encoding runs beside drawing; this many pictures wait at most.
const ahead = 16

/** Writes scenes as a data set folder, or adds them to one; returns how many images and boxes were written. */
export async function synthesize(
  { storage, images }: { storage: Storage; images: Images },
  { root, parts, progress }: { root: string; parts: readonly WorldPart[]; progress?: Progress },
): Promise<{ images: number; boxes: number }> {
  const total = parts.flatMap(({ plans }) => plans).reduce((sum, plan) => sum + plan.frames, 0)
  refuseTwins(parts)
  const records: Provenance[] = []
  const counts = { images: 0, boxes: 0 }
  const pending = new Set<Promise<void>>()
  const write = async ({ name, picture, boxes }: Frame) => {
    storage.write(`${root}/images/${name}.png`, await images.encodePng(picture))
    storage.write(`${root}/labels/${name}.txt`, formatRows(boxes))
    counts.images++
    counts.boxes += boxes.length
    progress?.update(counts.images, total, name)
  }
  for (const { split, plans } of parts) {
    const listed: string[] = []
    for (const plan of plans) {
      for (let index = 0; index < plan.frames; index++) {
        const frame = drawFrame(plan, index)
        records.push(frame.provenance)
        listed.push(`images/${frame.name}.png`)
        const task: Promise<void> = write(frame).finally(() => pending.delete(task))
        pending.add(task)
        if (pending.size >= ahead) await Promise.race(pending)
      }
    }
    const list = `${root}/splits/${split}.txt`
    storage.write(list, mergeLines(textOr(storage, list), listed))
  }
  await Promise.all(pending)
  const provenance = `${root}/provenance.ndjson`
  storage.write(provenance, mergeProvenance(textOr(storage, provenance), records))
  const splits = (['train', 'val', 'test'] as const).filter((split) => storage.exists(`${root}/splits/${split}.txt`))
  for (const split of ['train', 'val'] as const) {
    if (!splits.includes(split)) storage.write(`${root}/splits/${split}.txt`, '')
  }
  storage.write(`${root}/data.yaml`, dataYaml(splits))
  progress?.end(`${counts.images} images, ${counts.boxes} boxes`)
  return counts
}

function textOr(storage: Storage, path: string): string {
  return storage.exists(path) ? storage.readText(path) : ''
}

function refuseTwins(parts: readonly WorldPart[]): void {
  const seen = new Set<string>()
  for (const { scene, firstFrame } of parts.flatMap(({ plans }) => plans)) {
    const key = `${scene}-${firstFrame}`
    if (seen.has(key))
      throw new UsageError(`scene ${scene} is planned twice`, { mend: 'give each part its own prefix' })
    seen.add(key)
  }
}

/** Plants defects in a data set folder (images/, labels/, splits/), its own files changed in place. */
export function plantInFolder(
  { storage }: { storage: Storage },
  { root, parts, classCount = classes.length, ...rest }: PlantOptions,
): Planted[] {
  const options = parts ? { only: namesOf(parts), split: parts[0]?.split ?? 'train', ...rest } : rest
  if (options.defects.length === 0) return []
  const files: DataFiles = {
    paths: storage.list(root),
    text: (path) => storage.readText(`${root}/${path}`),
    bytes: (path) => storage.read(`${root}/${path}`),
  }
  const { changes, planted } = plantDefects(files, { ...options, classCount })
  applyChanges({ storage }, root, changes)
  return planted
}

export type PlantOptions = {
  root: string
  defects: readonly DefectKind[]
  /** Parts of the world whose images may be spoilt: their names and their split. */
  parts?: readonly WorldPart[]
  /** Names of the images that may be spoilt; all of the split when absent. */
  only?: readonly string[]
  /** train when absent. */
  split?: string
  /** The world's four when absent. */
  classCount?: number
  seed?: number | string
}

function namesOf(parts: readonly WorldPart[]): string[] {
  return parts
    .flatMap(({ plans }) => plans)
    .flatMap((plan) => Array.from({ length: plan.frames }, (_, index) => frameName(plan, index)))
}

/** Writes and removes files of a data set folder. */
function applyChanges({ storage }: { storage: Storage }, root: string, changes: Changes): void {
  for (const [path, content] of changes) {
    if (content === null) storage.remove(`${root}/${path}`)
    else storage.write(`${root}/${path}`, content)
  }
}

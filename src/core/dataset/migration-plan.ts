import type { ClassMigrationBody } from '../documents/declared.ts'
import { UsageError } from '../errors.ts'
import { fatesOf, migratedClass, targetsOf } from './class-migration.ts'
import type { Dataset } from './model.ts'

/** Boxes that go from one class to another, by name; to null when they are deleted. */
export type Flow = { from: string; to: string | null; boxes: number }

/** What a migration does to a data set; nothing is written here. */
export type MigrationPlan = {
  /** By label file: by 1-based line the id afterwards, null for a row that goes. */
  files: Map<string, Map<number, number | null>>
  /** In the order of the old ids; a class without boxes has a flow of 0. */
  flows: Flow[]
  before: number
  after: number
  /** Where a box of provenance goes; `image` as its line names the image. */
  classOf: (image: string, classId: number, box: [number, number, number, number]) => number | null
}

/** done: its classes are those after the migration; due: those before it. Anything else is a UsageError. */
export function migrationState({ classes, format }: Dataset, migration: ClassMigrationBody): 'due' | 'done' {
  if (format !== 'yolo') {
    const mend = 'convert it first: sluice convert IN OUT --to yolo'
    throw new UsageError(`labels of ${format} are not rewritten`, { mend })
  }
  const same = (names: readonly string[]) => names.join('\n') === classes.join('\n')
  if (same(migration.to)) return 'done'
  if (same(migration.from)) return 'due'
  throw new UsageError(`the classes are ${shown(classes)}; the migration starts from ${shown(migration.from)}`, {
    mend: 'write from as the names and their order are now',
  })
}

/** The new id of every row, and how many boxes go from where to where. */
export function planMigration(dataset: Dataset, migration: ClassMigrationBody): MigrationPlan {
  const fates = fatesOf(migration)
  const names = new Map(dataset.images.flatMap(({ name, file }) => [[file, name] as const, [name, name] as const]))
  const classOf: MigrationPlan['classOf'] = (image, classId, box) => {
    const fate = fates[classId]
    // A box of a class that never was stays as it is; a rule tells of it.
    return fate ? migratedClass(fate, names.get(image) ?? image, box) : classId
  }
  const files: MigrationPlan['files'] = new Map()
  const counts = fates.map((fate) => new Map<number | null, number>(startingAt(targetsOf(fate))))
  const { count, image, classId, cx, cy, w, h, line } = dataset.boxes
  let after = 0
  for (let row = 0; row < count; row++) {
    const { labelFile, name } = dataset.images[image[row] as number] as Dataset['images'][number]
    const id = classId[row] as number
    const box = [cx[row], cy[row], w[row], h[row]] as [number, number, number, number]
    const to = classOf(name, id, box)
    if (to !== null) after++
    counts[id]?.set(to, (counts[id]?.get(to) ?? 0) + 1)
    const lines = files.get(labelFile as string) ?? new Map<number, number | null>()
    files.set(labelFile as string, lines.set(line[row] as number, to))
  }
  const flows = counts.flatMap((byTarget, id) =>
    [...byTarget].map(([to, boxes]) => ({
      from: migration.from[id] as string,
      to: to === null ? null : (migration.to[to] as string),
      boxes,
    })),
  )
  return { files, flows, before: count, after, classOf }
}

/** A count of 0 for each target, so that a class without boxes is told too; null for a class that goes. */
function startingAt(targets: number[]): [number | null, number][] {
  return (targets.length > 0 ? targets : [null]).map((to) => [to, 0])
}

function shown(names: readonly string[]): string {
  const text = names.slice(0, 12).join(', ')
  return `[${text}${names.length > 12 ? `, … ${names.length} in all` : ''}]`
}

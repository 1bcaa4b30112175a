import { migrateLabelText, migrateNames, migrateProvenance } from '../core/dataset/migrate-files.ts'
import { type Flow, type MigrationPlan, migrationState, planMigration } from '../core/dataset/migration-plan.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { ClassMigrationBody, DatasetSpecBody } from '../core/documents/declared.ts'
import { UsageError } from '../core/errors.ts'

export type MigratePorts = {
  readText: (path: string) => string
  exists: (path: string) => boolean
  /** Writes all of them or none; a run that was cut off is finished by the next. */
  replaceAll: (changes: { path: string; text: string }[]) => void
}

export type MigrateInput = {
  dataset: Dataset
  migration: ClassMigrationBody
  /** Absolute folder of the data set; the other two are absolute, null where there is none. */
  folder: string
  dataYaml: string | null
  spec: { path: string; body: DatasetSpecBody } | null
  dryRun: boolean
}

export type Migrated = {
  state: 'migrated' | 'planned' | 'nothing'
  flows: Flow[]
  before: number
  after: number
  /** Files that change, absolute. */
  files: string[]
}

/** Rewrites labels, names, provenance and the spec's classes by a migration: everything or nothing, and once. */
export function migrateDataset(ports: MigratePorts, input: MigrateInput): Migrated {
  const { dataset, migration, folder, dataYaml, spec } = input
  if (migrationState(dataset, migration) === 'done') {
    const { count } = dataset.boxes
    return { state: 'nothing', flows: [], before: count, after: count, files: [] }
  }
  if (!dataYaml && !spec) {
    throw new UsageError('nothing here names the classes', {
      where: folder,
      mend: 'give a data.yaml or a dataset spec',
    })
  }
  refuseOrphans(dataset)
  const plan = planMigration(dataset, migration)
  const changes = labelChanges(ports, folder, plan, dataset)
  const rewrite = (path: string, write: (text: string) => string) => {
    const before = ports.readText(path)
    const text = write(before)
    if (text !== before) changes.push({ path, text })
  }
  const provenance = `${folder}/provenance.ndjson`
  if (ports.exists(provenance)) {
    const broken = dataset.defects.find(({ code }) => code === 'provenance-syntax')
    if (broken) throw new UsageError(broken.message, { where: `${broken.file}:${broken.line}`, mend: 'mend it first' })
    rewrite(provenance, (text) => migrateProvenance(text, plan.classOf))
  }
  if (dataYaml) rewrite(dataYaml, (text) => migrateNames(text, 'names', migration.to, dataYaml))
  if (spec) rewrite(spec.path, (text) => migrateSpec(text, spec, migration))
  if (!input.dryRun) ports.replaceAll(changes)
  const { flows, before, after } = plan
  return { state: input.dryRun ? 'planned' : 'migrated', flows, before, after, files: changes.map(({ path }) => path) }
}

/** A label file without an image would keep the old ids and be wrong when its image comes back. */
function refuseOrphans({ defects }: Dataset): void {
  const orphan = defects.find(({ code }) => code === 'label-orphan')
  if (orphan) {
    throw new UsageError('this label file belongs to no image, so its classes would stay behind', {
      where: orphan.file,
      mend: 'remove it, or bring its image back',
    })
  }
}

/** New texts of label files; a row that the reader could not take has no class to change, so that all is refused. */
function labelChanges(ports: MigratePorts, folder: string, plan: MigrationPlan, dataset: Dataset) {
  const changes: { path: string; text: string }[] = []
  const labelFiles = new Set(dataset.images.map(({ labelFile }) => labelFile).filter((file) => file !== null))
  for (const file of [...labelFiles].sort()) {
    const ids = plan.files.get(file) ?? new Map<number, number | null>()
    const before = ports.readText(`${folder}/${file}`)
    const unknown = before
      .split(/\r\n|\n|\r/)
      .findIndex((line, i) => line.replace('\ufeff', '').trim() !== '' && !ids.has(i + 1))
    if (unknown >= 0) {
      const mend = 'mend the row first; sluice check says what is wrong with it'
      throw new UsageError('this row cannot be read as a label', { where: `${file}:${unknown + 1}`, mend })
    }
    const text = migrateLabelText(before, ids)
    if (text !== before) changes.push({ path: `${folder}/${file}`, text })
  }
  return changes
}

/** The spec with the new classes; rules follow renames and merges, one of a class that goes or splits stands in the way. */
function migrateSpec(text: string, spec: NonNullable<MigrateInput['spec']>, migration: ClassMigrationBody): string {
  const targets = new Map<string, string>()
  for (const { rename, merge = [], to = '' } of migration.operations ?? []) {
    for (const name of [...(rename === undefined ? [] : [rename]), ...merge]) targets.set(name, to)
  }
  const followed = (spec.body.labels?.rules ?? []).map(({ class: name }) => targets.get(name) ?? name)
  const left = followed.find((name) => !migration.to.includes(name))
  if (left !== undefined) {
    throw new UsageError(`a rule of the spec is about "${left}", which the migration takes away`, {
      where: spec.path,
      mend: 'take the rule out, or write rules for what the class becomes, and run this again',
    })
  }
  const renamed = [...targets].reduce(
    (result, [from, to]) => result.replaceAll(classLine(from), (_, before: string) => `${before}${JSON.stringify(to)}`),
    text,
  )
  return migrateNames(renamed, 'classes', migration.to, spec.path)
}

/** "class: NAME" of a rule, the name plain or in quotes; what stands before the name is kept. */
function classLine(name: string): RegExp {
  const plain = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(`(\\bclass:[ \\t]*)(?:"${plain}"|'${plain}'|${plain})(?=[ \\t]*(?:[,}#\\r\\n]|$))`, 'gm')
}

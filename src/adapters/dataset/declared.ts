import type { Defect } from '../../core/dataset/model.ts'
import type { ClassMigrationBody, DatasetSpecBody } from '../../core/documents/declared.ts'
import { readSpec } from '../dataset.ts'
import { checkExemplars, repositoryOf } from './exemplars.ts'
import { readMigrations } from './migrations.ts'

/** What a team declared about a data set, as the check takes it. */
export type DeclaredBeside = {
  spec: DatasetSpecBody | null
  baseSpec: DatasetSpecBody | null
  migrations: ClassMigrationBody[]
  /** Exemplars that cannot be shown: to be added to the data set's defects. */
  defects: Defect[]
}

/** Reads the spec that PATH is, the base's where it is one too, its exemplars, and the repository's migrations. */
export async function readDeclared(path: string, base: string | null): Promise<DeclaredBeside> {
  const isYaml = (file: string | null): file is string => file !== null && /\.ya?ml$/i.test(file)
  const spec = isYaml(path) ? (readSpec(path)?.body ?? null) : null
  const baseSpec = isYaml(base) ? (readSpec(base)?.body ?? null) : null
  const repository = repositoryOf(path)
  const defects = spec ? await checkExemplars(spec, repository) : []
  return { spec, baseSpec, migrations: readMigrations(repository), defects }
}

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { migrationProblems } from '../../core/dataset/class-migration.ts'
import { type ClassMigrationBody, classMigration } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { readText } from '../files.ts'

/** Every migration that a repository declares under dataset-specs/migrations, in the order of the file names. */
export function readMigrations(repository: string): ClassMigrationBody[] {
  const folder = join(repository, 'dataset-specs/migrations')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => parseDeclared(classMigration, readText(join(folder, file)), join(folder, file), migrationProblems))
}

import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { datasetFolder, readDataset, readSpec } from '../../adapters/dataset.ts'
import { readText, writeJson } from '../../adapters/files.ts'
import { finishReplace, replaceAll, replaceWaits } from '../../adapters/replace-files.ts'
import { migrationProblems } from '../../core/dataset/class-migration.ts'
import { classMigration } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { printable } from '../../core/documents/printable.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { type Migrated, migrateDataset } from '../../steps/migrate.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      { 'dry-run': { type: 'boolean' }, json: { type: 'string' } },
      { least: 2, most: 2, names: 'MIGRATION PATH' },
    )
    const [file, path] = positionals as [string, string]
    const migration = parseDeclared(classMigration, readText(file), file, migrationProblems)
    const dryRun = values['dry-run'] ?? false
    const spec = /\.ya?ml$/i.test(path) && existsSync(path) ? readSpecBefore(path) : null
    const folder = spec?.folder ?? (/\.ya?ml$/i.test(path) ? dirname(resolve(path)) : resolve(path))
    const waiting = existsSync(folder) && statSync(folder).isDirectory() && replaceWaits(folder)
    if (waiting && dryRun) {
      throw new UsageError('a migration was cut off here', { where: folder, mend: 'run it without --dry-run' })
    }
    if (!dryRun && existsSync(folder) && statSync(folder).isDirectory()) {
      const done = finishReplace(folder, spec ? [resolve(path)] : [])
      if (done !== 'nothing') console.log(`a migration that was cut off is ${done}`)
    }
    const dataset = readDataset(path)
    const root = datasetFolder(dataset)
    const body = spec ? readSpec(path)?.body : undefined
    const result = migrateDataset(
      { readText, exists: existsSync, replaceAll: (changes) => replaceAll(root, changes) },
      {
        ...{ dataset, migration, dryRun, folder: root },
        dataYaml: spec || !/\.ya?ml$/i.test(path) ? dataYamlOf(root) : resolve(path),
        spec: body ? { path: resolve(path), body } : null,
      },
    )
    if (values.json) writeJson(values.json, result)
    for (const line of told(result, migration.name)) console.print(printable(line))
    if (result.state === 'migrated' && body) {
      console.print('the spec changed: read its rules again, and have it signed (sluice sign)')
    }
    return exitCodes.pass
  },
}

function readSpecBefore(path: string): { folder: string } | null {
  const spec = readSpec(path)
  return spec ? { folder: spec.folder } : null
}

function dataYamlOf(folder: string): string | null {
  const names = ['data.yaml', 'data.yml', 'dataset.yaml', 'dataset.yml']
  return names.map((name) => join(folder, name)).find(existsSync) ?? null
}

/** Boxes by class, before and after, and what they add up to. */
function told({ state, flows, before, after, files }: Migrated, name: string): string[] {
  if (state === 'nothing') return [`nothing to do: the classes are those of "${name}" already (${before} boxes)`]
  const width = Math.max(...flows.map(({ from }) => from.length))
  const lines = flows.map(
    ({ from, to, boxes }) => `${from.padEnd(width)}  ${String(boxes).padStart(7)} → ${to === null ? '(deleted)' : to}`,
  )
  const sum = `${before} boxes before, ${after} after, ${before - after} deleted; ${files.length} files`
  return [...lines, `${sum} ${state === 'planned' ? 'would change, none is written' : 'changed'}`]
}

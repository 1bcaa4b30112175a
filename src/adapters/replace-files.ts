import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../core/errors.ts'
import { writeWhole } from './files.ts'

const suffix = '.sluice-new'
const journalName = '.sluice-replace.json'

/**
 * Replaces many files, all or none: new texts are laid beside the old ones, a journal in `folder` says that all are
 * there, and only then do they take their places. Whoever is cut off before the journal changed nothing; after it, the
 * next `finishReplace` does the rest. `outside` are files beyond the folder that may be among them.
 */
export function replaceAll(folder: string, changes: { path: string; text: string }[]): void {
  stage(folder, changes)
  commit(
    folder,
    changes.map(({ path }) => path),
  )
}

/** First half: lays the texts beside their files and writes the journal. */
export function stage(folder: string, changes: { path: string; text: string }[]): void {
  try {
    for (const { path, text } of changes) writeWhole(path + suffix, text)
    writeWhole(join(folder, journalName), `${JSON.stringify(changes.map(({ path }) => relative(folder, path)))}\n`)
  } catch (error) {
    for (const { path } of changes) rmSync(path + suffix, { force: true })
    throw error
  }
}

/** Second half: every text that still lies beside its file takes its place; running it again is harmless. */
export function commit(folder: string, paths: readonly string[]): void {
  for (const path of paths) if (existsSync(path + suffix)) renameSync(path + suffix, path)
  rmSync(join(folder, journalName), { force: true })
}

/** Finishes or throws away what a run that was cut off left behind; says which. A path that leaves is refused. */
export function finishReplace(folder: string, outside: readonly string[] = []): 'nothing' | 'finished' | 'undone' {
  const journal = join(folder, journalName)
  if (existsSync(journal)) {
    const paths = journalPaths(journal).map((path) => resolve(folder, path))
    const stranger = paths.find((path) => !path.startsWith(resolve(folder) + sep) && !outside.includes(path))
    if (stranger) throw new UsageError('this journal names a file beyond the data set', { where: journal })
    commit(folder, paths)
    return 'finished'
  }
  const left = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name))
  for (const path of [...left, ...outside.map((file) => file + suffix)]) rmSync(path, { force: true })
  return left.length > 0 ? 'undone' : 'nothing'
}

/** Whether a run that was cut off waits to be finished. */
export function replaceWaits(folder: string): boolean {
  return existsSync(join(folder, journalName))
}

function journalPaths(journal: string): string[] {
  try {
    const value = JSON.parse(readFileSync(journal, 'utf8')) as unknown
    if (Array.isArray(value) && value.every((path) => typeof path === 'string')) return value
  } catch {
    // What is no JSON is no journal of ours either.
  }
  throw new UsageError('this is not a journal that sluice wrote', { where: journal, mend: 'remove it' })
}

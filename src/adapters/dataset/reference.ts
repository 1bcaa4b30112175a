import { existsSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { insideRoot } from '../../core/dataset/paths.ts'
import { UsageError } from '../../core/errors.ts'
import type { Repository } from './repository.ts'

/** What a reference means: a path on this machine, or a path of a commit, relative to the repository. */
export type Reference =
  | { kind: 'path'; path: string }
  | { kind: 'revision'; revision: string; commit: string; path: string }

/**
 * Reads a reference: a path, `REV:PATH` as git writes it (`REV:./x` is meant from here), or a REV alone, with `data` as
 * its path. What lies here under that name is a path, whatever branch has the name too.
 */
export async function readReference(
  reference: string,
  from: { cwd: string; repository: Repository | null; data: string | null },
): Promise<Reference> {
  const { cwd, repository, data } = from
  const path = resolve(cwd, reference)
  if (existsSync(path)) return { kind: 'path', path }
  const colon = reference.indexOf(':')
  if (repository && colon > 0) {
    const [revision, written] = [reference.slice(0, colon), reference.slice(colon + 1)]
    const commit = await repository.commitOf(revision)
    if (commit !== null) {
      const base = /^\.\.?(\/|$)/.test(written) ? repository.prefix : ''
      return { kind: 'revision', revision, commit, path: insideRepository(written, base, reference) }
    }
    throw new UsageError(`there is no such file, and ${JSON.stringify(revision)} names no commit`, {
      where: reference,
      mend: 'give a path, or REV:PATH; in a shallow clone fetch more history first',
    })
  }
  const commit = repository && colon < 0 ? await repository.commitOf(reference) : null
  if (commit !== null && data !== null) return { kind: 'revision', revision: reference, commit, path: data }
  if (commit !== null) {
    const mend = `write ${reference}:PATH, or name the data set with --data`
    throw new UsageError('this is a revision; which data set of it?', { where: reference, mend })
  }
  // A folder that is not checked out may still have a .dvc file.
  return { kind: 'path', path }
}

/** A path that a user typed, relative to the repository; it need not exist in the work tree. */
export function dataPath(written: string, cwd: string, repository: Repository): string {
  const path = relative(repository.root, isAbsolute(written) ? written : resolve(cwd, written))
  return insideRepository(path.replaceAll('\\', '/'), '', written)
}

function insideRepository(written: string, base: string, shown: string): string {
  const path = insideRoot(written, base)
  if (path !== null) return path
  throw new UsageError('the path leaves the repository', { where: shown, mend: 'give a path inside the repository' })
}

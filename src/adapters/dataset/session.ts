import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { type OpenTree, openTree } from './open-tree.ts'
import { dataPath, type Reference, readReference } from './reference.ts'
import { openRepository, type Repository } from './repository.ts'

/** What versions of one repository share: its git process, DVC's objects, and a folder for scratch files. */
export type Session = {
  repository: Repository | null
  parse: (reference: string, data: string | null) => Promise<Reference>
  /** A path as a user types it, relative to the repository. */
  dataPath: (written: string) => string
  open: (reference: Reference) => Promise<OpenTree | null>
  close: () => void
}

/** Starts a session in the repository around a folder, if there is one. */
export async function openSession(cwd: string): Promise<Session> {
  let folder: string | null = null
  const scratch = () => {
    folder ??= mkdtempSync(join(tmpdir(), 'sluice-version-'))
    return folder
  }
  const repository = await openRepository(cwd, scratch)
  return {
    repository,
    parse: (reference, data) => readReference(reference, { cwd, repository, data }),
    dataPath: (written) => {
      if (repository) return dataPath(written, cwd, repository)
      throw new UsageError('this is not a git repository', { where: cwd, mend: 'run it inside one' })
    },
    open: (reference) => openTree(reference, repository, scratch),
    close: () => {
      repository?.close()
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
      folder = null
    },
  }
}

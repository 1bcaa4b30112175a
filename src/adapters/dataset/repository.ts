import { UsageError } from '../../core/errors.ts'
import { type DvcStore, openDvcStore } from '../dvc/store.ts'
import { trustedConfig } from '../dvc/trusted.ts'
import { type GitObjects, gitOutput, openGitObjects } from '../git-objects.ts'

/** A repository that versions are read from: one git process for objects, one store for each DVC folder. */
export type Repository = {
  root: string
  /** The folder that was asked from, relative to the root, `/` at its end; empty at the root. */
  prefix: string
  objects: GitObjects
  commitOf: (revision: string) => Promise<string | null>
  /** From now on only this revision's DVC settings count: a proposal could name a remote of its own. */
  trust: (revision: string) => Promise<void>
  /** Objects of the DVC folder that a data set belongs to; null when there is none. */
  store: (data: string) => Promise<DvcStore | null>
  /** Makes, once, a folder for bytes that have to lie somewhere. */
  scratch: () => string
  close: () => void
}

/** The repository around a folder; null when there is none. */
export async function openRepository(cwd: string, scratch: () => string): Promise<Repository | null> {
  const place = await gitOutput(cwd, ['rev-parse', '--show-toplevel', '--show-prefix']).catch((error: Error) => {
    if (error instanceof UsageError) return null
    throw error
  })
  if (place === null) return null
  const [root = '', prefix = ''] = place.toString('utf8').split('\n')
  const objects = openGitObjects(root)
  const stores = new Map<string, Promise<DvcStore | null>>()
  let trusted: string | null = null
  const commitOf = async (revision: string) => {
    if (/[\r\n\0]/.test(revision) || revision.startsWith('-') || revision === '') return null
    const [found] = await objects.read([`${revision}^{commit}`])
    return found?.oid ?? null
  }
  const storeOf = async (data: string) => {
    const config = await trustedConfig(root, data, trusted === null ? null : { commit: trusted, objects })
    return config === null ? null : openDvcStore(config)
  }
  return {
    root,
    prefix,
    objects,
    commitOf,
    store: (data) => {
      const store = stores.get(data) ?? storeOf(data)
      stores.set(data, store)
      return store
    },
    trust: async (revision) => {
      trusted = await commitOf(revision)
      if (trusted === null) throw noCommit(revision)
    },
    scratch,
    close: () => {
      objects.close()
      for (const store of stores.values()) void store.then((opened) => opened?.close()).catch(() => {})
    },
  }
}

function noCommit(revision: string): UsageError {
  return new UsageError(`${JSON.stringify(revision)} names no commit`, {
    mend: 'give a branch, a tag or a commit of this repository; in a shallow clone fetch more history first',
  })
}

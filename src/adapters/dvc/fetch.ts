import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Dataset } from '../../core/dataset/model.ts'
import { UsageError } from '../../core/errors.ts'
import { readDataset, readSpec } from '../dataset.ts'
import { readText, writeWhole } from '../files.ts'
import { createDvc } from './cli.ts'
import { readPointer } from './read.ts'

/**
 * Fetches what the .dvc files of a data set's folder stand for and is not here yet; returns how many were fetched.
 * `trusted` is the folder whose DVC configuration counts (the base's: a proposal could name a remote of its own);
 * `cache` is shared, so that base and head fetch equal objects once.
 */
export async function fetchTracked(
  root: string,
  dataset: string,
  options: { trusted?: string; cache?: string } = {},
): Promise<number> {
  const named = join(root, dataset)
  if (!existsSync(named))
    throw new UsageError('there is no such file or folder', { where: dataset, mend: 'check the path' })
  const folder = statSync(named).isDirectory() ? named : (readSpec(named)?.folder ?? dirname(named))
  const pointers = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.dvc') && entry.name !== '.dvc')
    .map((entry) => join(folder, entry.name))
  // Every pointer is read by us before DVC follows it: a path that leaves the folder ends here.
  const missing = pointers.filter((file) => !existsSync(readPointer(file).target))
  if (missing.length === 0) return 0
  const config = join(root, '.dvc/config')
  const own = existsSync(config) ? readText(config) : null
  const trusted = options.trusted === undefined ? own : configOf(options.trusted)
  const local = join(root, '.dvc/config.local')
  const ownLocal = existsSync(local) ? readText(local) : null
  try {
    if (trusted !== null && trusted !== own) writeWhole(config, trusted)
    if (options.cache) writeWhole(local, `${ownLocal ?? ''}\n[cache]\n    dir = ${options.cache}\n`)
    await createDvc(root).pull(missing.map((file) => relative(root, file)))
  } finally {
    if (own !== null && trusted !== own) writeWhole(config, own)
    if (options.cache) writeWhole(local, ownLocal ?? '')
  }
  return missing.length
}

/** A data set with its tracked files fetched and hashed; null when the folder does not have it. */
export async function readFetched(
  root: string,
  dataset: string,
  options: Parameters<typeof fetchTracked>[2] = {},
): Promise<Dataset | null> {
  const path = join(root, dataset)
  if (!existsSync(path)) return null
  await fetchTracked(root, dataset, options)
  const spec = /\.ya?ml$/i.test(path) ? readSpec(path)?.body : undefined
  return readDataset(path, { md5: true, ...(spec ? { spec } : {}) })
}

function configOf(folder: string): string {
  const file = join(folder, '.dvc/config')
  if (existsSync(file)) return readText(file)
  throw new UsageError('the base has no DVC configuration', {
    where: '.dvc/config',
    mend: 'run dvc init and dvc remote add on the base branch first, in a pull request of its own',
  })
}

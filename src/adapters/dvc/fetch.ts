import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Dataset } from '../../core/dataset/model.ts'
import { UsageError } from '../../core/errors.ts'
import { readDataset, readSpec } from '../dataset.ts'
import { readText, writeWhole } from '../files.ts'
import { gitIn } from '../git-run.ts'
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
  await refuseDetours(root, folder)
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

/** A proposal may neither link its folders to elsewhere nor bring DVC settings that only a machine should have. */
async function refuseDetours(root: string, folder: string): Promise<void> {
  const within = relative(realpathSync(root), realpathSync(folder))
  if (within === '..' || within.startsWith('../')) {
    throw new UsageError('the data set lies outside the repository, through a symbolic link', {
      where: relative(root, folder),
      mend: 'commit the folder itself',
    })
  }
  for (const name of ['.dvc', '.dvc/config', '.dvc/config.local']) {
    if (!lstatSync(join(root, name), { throwIfNoEntry: false })?.isSymbolicLink()) continue
    throw new UsageError('this is a symbolic link', { where: name, mend: 'commit the file itself' })
  }
  const committed = await gitIn(root, {})
    .raw(['ls-files', '--', '.dvc/config.local'])
    .catch(() => '')
  if (committed.trim() === '') return
  throw new UsageError('this file is committed, though it would overrule the configuration of the base', {
    where: '.dvc/config.local',
    mend: 'git rm --cached it: it is for one machine',
  })
}

function configOf(folder: string): string {
  const file = join(folder, '.dvc/config')
  if (existsSync(file)) return readText(file)
  throw new UsageError('the base has no DVC configuration', {
    where: '.dvc/config',
    mend: 'run dvc init and dvc remote add on the base branch first, in a pull request of its own',
  })
}

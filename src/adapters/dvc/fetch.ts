import { existsSync, lstatSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Dataset } from '../../core/dataset/model.ts'
import { UsageError } from '../../core/errors.ts'
import { readDataset, readSpec } from '../dataset.ts'
import { readText, writeWhole } from '../files.ts'
import { gitIn } from '../git-run.ts'
import { createDvc } from './cli.ts'
import { cacheOf, readPointer, readTracked } from './read.ts'

/**
 * Fetches what the .dvc files of a data set's folder stand for and is not here yet; returns how many were fetched.
 * `trusted` is the folder whose DVC configuration counts (the base's: a proposal could name a remote of its own);
 * `repository` is the checkout whose cache is shared and from which relative remotes are meant.
 */
export async function fetchTracked(
  root: string,
  dataset: string,
  options: { trusted?: string; repository?: string } = {},
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
  const local = join(root, '.dvc/config.local')
  const [own, ownLocal] = [textOf(config), textOf(local)]
  const { repository } = options
  const wanted = meantFrom(options.trusted === undefined ? (own ?? '') : configOf(options.trusted), repository)
  try {
    if (wanted !== own) writeWhole(config, wanted)
    if (repository) writeWhole(local, `${ownLocal ?? ''}\n[cache]\n    dir = ${join(repository, '.dvc/cache')}\n`)
    const dvc = createDvc(root)
    const targets = missing.map((file) => relative(root, file))
    if (!repository) await dvc.pull(targets)
    else {
      await dvc.fetch(targets)
      // What a folder's object lists is read by us too, before DVC writes files by it.
      for (const file of missing) readTracked(file, [cacheOf(repository)])
      await dvc.checkout(targets)
    }
  } finally {
    putBack(config, own)
    putBack(local, ownLocal)
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

const textOf = (file: string) => (existsSync(file) ? readText(file) : null)

function putBack(file: string, text: string | null): void {
  if (text === null) rmSync(file, { force: true })
  else if (textOf(file) !== text) writeWhole(file, text)
}

/** A relative remote is meant from the checkout's .dvc folder, not from that of a work tree beside it. */
function meantFrom(config: string, repository: string | undefined): string {
  if (!repository) return config
  return config.replace(/^(\s*url\s*=\s*)(\.\.?\/.*)$/gm, (_, key: string, url: string) => {
    return `${key}${resolve(repository, '.dvc', url.trim())}`
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

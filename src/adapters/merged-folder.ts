import { randomBytes } from 'node:crypto'
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DatasetMerge } from '../core/compare/merge-datasets.ts'
import { layoutMerged } from '../core/compare/merge-layout.ts'
import { insideRoot } from '../core/dataset/paths.ts'
import { UsageError } from '../core/errors.ts'
import type { VersionTree } from './dataset/version-tree.ts'
import { fileError } from './files.ts'

/** UsageError when a folder to be written holds something already. */
export function refuseOutput(output: string): void {
  if (!existsSync(output)) return
  try {
    if (readdirSync(output).length === 0) return
  } catch (error) {
    throw new UsageError('this is no folder', { where: output, mend: 'name another --output', cause: error })
  }
  throw new UsageError('this folder is not empty', { where: output, mend: 'name another --output' })
}

/** Writes a merged data set, labels and those images that are on this machine: the whole folder takes its place by one rename, or nothing does. */
export function writeMerged(
  output: string,
  { dataset, sources }: Pick<DatasetMerge, 'dataset' | 'sources'>,
  versions: Record<'base' | 'ours' | 'theirs', { tree: Pick<VersionTree, 'place'> }>,
): void {
  const target = resolve(output)
  const temporary = `${target}.${randomBytes(4).toString('hex')}.part`
  const { files, images } = layoutMerged(dataset)
  const folders = new Set<string>()
  const inside = (path: string) => {
    if (insideRoot(path) !== path) throw new UsageError('an image has a name that is no path', { where: path })
    const file = join(temporary, path)
    const folder = dirname(file)
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true })
    folders.add(folder)
    return file
  }
  try {
    for (const { path, text } of files) writeFileSync(inside(path), text, { flag: 'wx' })
    for (const [i, path] of images.entries()) {
      const { version, file } = sources[i] as (typeof sources)[number]
      const from = versions[version].tree.place(file)
      if (from !== null && existsSync(from))
        copyFileSync(from, inside(path), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    }
    if (existsSync(target)) rmdirSync(target)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw fileError(error, output, 'write')
  }
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileMerger } from '../core/compare/merge-files.ts'
import type { FileMerge } from '../core/compare/merge-values.ts'
import { UsageError } from '../core/errors.ts'
import { mergePointers } from './dvc/merge-pointer.ts'
import { fileError, writeWhole } from './files.ts'
import { gitOutput } from './git-objects.ts'
import { home } from './tools.ts'

/** Merges one file for git (%O, %A, %B and the path %P): ours is overwritten as a driver must do; read it for the rest. */
export async function driveMerge(
  baseFile: string,
  oursFile: string,
  theirsFile: string,
  path: string,
): Promise<FileMerge> {
  const versions = { base: bytesOf(baseFile), ours: bytesOf(oursFile), theirs: bytesOf(theirsFile) }
  if (path.endsWith('.dvc')) {
    const texts = { base: versions.base.toString(), ours: versions.ours.toString(), theirs: versions.theirs.toString() }
    const merged = await mergePointers(process.cwd(), path, texts)
    if (merged.conflicts.length === 0) writeFileSync(oursFile, merged.text)
    return merged
  }
  const merge = fileMerger(path)
  if (!merge) throw new UsageError('this is no label file, list, provenance.ndjson or .dvc file', { where: path })
  const merged = merge(versions, path)
  writeFileSync(oursFile, merged.text)
  return merged
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw fileError(error, file, 'read')
  }
}

const patterns = ['*.dvc', '**/labels/**/*.txt', '**/splits/*.txt', 'provenance.ndjson']

/** Has git merge data by `sluice merge`: the lines that .gitattributes lacks, and the driver in this clone's settings. */
export async function installDriver(cwd: string): Promise<{ attributes: string; added: string[] }> {
  const root = (await gitOutput(cwd, ['rev-parse', '--show-toplevel'])).toString('utf8').trim()
  const attributes = join(root, '.gitattributes')
  const text = existsSync(attributes) ? readFileSync(attributes, 'utf8') : ''
  const known = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const added = patterns.map((pattern) => `${pattern} merge=sluice`).filter((line) => !known.has(line))
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  if (added.length > 0) writeWhole(attributes, `${start}${added.map((line) => `${line}\n`).join('')}`)
  const program = [process.execPath, join(home, 'bin/sluice.mjs')].map(shellQuoted).join(' ')
  await gitOutput(cwd, ['config', 'merge.sluice.name', 'data sets, box by box'])
  await gitOutput(cwd, ['config', 'merge.sluice.driver', `${program} merge --driver -- %O %A %B %P`])
  return { attributes, added }
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

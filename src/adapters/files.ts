import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ToolError, UsageError } from '../core/errors.ts'

/** Writes a whole file or nothing: a temporary neighbour takes its place by rename. Folders are made. */
export function writeWhole(file: string, content: string | Uint8Array, options: { mode?: number } = {}): void {
  const temporary = `${file}.${process.pid}-${Math.random().toString(36).slice(2, 10)}.part`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(temporary, content, options)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fileError(error, file, 'write')
  }
}

export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** The text of a file that the user named; UsageError when it is not there. */
export function readText(file: string): string {
  return readBytes(file).toString('utf8')
}

/** The bytes of a file that the user named; UsageError when it is not there. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw fileError(error, file, 'read')
  }
}

/** A failed read or write as one of our errors: what, where, how to mend it. */
export function fileError(error: unknown, file: string, verb: 'read' | 'write'): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC')
    return new ToolError(`the disk is full: ${file}`, { mend: 'free some space and run it again', cause: error })
  if (code === 'ENOENT')
    return new UsageError('there is no such file', { where: file, mend: 'check the path', cause: error })
  if (code === 'EISDIR') return new UsageError('this is a folder, a file was expected', { where: file, cause: error })
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UsageError(`no permission to ${verb} this`, { where: file, cause: error })
  }
  return error as Error
}

/** Removes a folder that carries our mark (a file of ours inside); anything else is left alone with a UsageError. */
export function removeFolder(folder: string, mark: string): void {
  if (!existsSync(folder)) return
  if (!existsSync(join(folder, mark)) && readdirSync(folder).length > 0) {
    throw new UsageError('this folder is not a story, it is not removed', {
      where: folder,
      mend: 'name another --output',
    })
  }
  rmSync(folder, { recursive: true, force: true })
}

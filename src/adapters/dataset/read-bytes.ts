import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'
import type { Tree } from './tree.ts'

/** Bytes of a file in a buffer that the next read overwrites; `size` is the file's, `length` what was read of it. */
export type FileBytes = { bytes: Uint8Array; length: number; size: number }

let buffer = Buffer.allocUnsafe(1 << 20)

/** Reads a file, or its first `most` bytes, into one reused buffer: four system calls and no copy. */
export function readBytes(path: string, most = Number.POSITIVE_INFINITY): FileBytes {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const wanted = Math.min(size, most)
    if (wanted > buffer.length) buffer = Buffer.allocUnsafe(Math.max(wanted, buffer.length * 2))
    return { bytes: buffer, length: fill(descriptor, buffer, wanted, 0), size }
  } finally {
    closeSync(descriptor)
  }
}

/** The last `most` bytes of a file, as a copy. */
export function readTail(path: string, most: number): Uint8Array {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const tail = Buffer.alloc(Math.min(size, most))
    fill(descriptor, tail, tail.length, size - tail.length)
    return tail
  } finally {
    closeSync(descriptor)
  }
}

/** A small text file of a data set, at most `most` bytes of UTF-8. */
export function readSmallText(tree: Pick<Tree, 'read'>, file: string, most: number): string {
  const { bytes, length, size } = readOrRefuse(tree, file, most)
  if (size > most) throw new UsageError(`${size} bytes; at most ${most} are read`, { where: file })
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8')
}

function readOrRefuse(tree: Pick<Tree, 'read'>, file: string, most: number): FileBytes {
  try {
    return tree.read(file, most)
  } catch (cause) {
    throw new UsageError(`cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { where: file, cause })
  }
}

function fill(descriptor: number, into: Uint8Array, wanted: number, from: number): number {
  let done = 0
  while (done < wanted) {
    const read = readSync(descriptor, into, done, wanted - done, from + done)
    if (read === 0) break
    done += read
  }
  return done
}

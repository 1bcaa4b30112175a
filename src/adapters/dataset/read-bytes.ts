import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { UsageError } from '../../core/errors.ts'
import type { Tree } from './tree.ts'

/** Bytes of a file in a buffer that the next read overwrites; `size` is the file's, `length` what was read of it. */
export type FileBytes = {
  bytes: Uint8Array
  length: number
  size: number
  /** The last bytes, 16 at most, where not all were read; overwritten like the others. */
  tail?: Uint8Array
}

let buffer = Buffer.allocUnsafe(1 << 20)
const ends = Buffer.alloc(16)

/** Reads a file, or its first `most` bytes, into one reused buffer: open, read and close for all but large files. */
export function readBytes(path: string, most = Number.POSITIVE_INFINITY): FileBytes {
  const descriptor = openSync(path, 'r')
  try {
    const first = Math.min(most, buffer.length)
    const read = first > 0 ? readSync(descriptor, buffer, 0, first, 0) : 0
    // Fewer bytes than asked for: that was all of it, and its size needs no call of its own.
    if (read < first) return { bytes: buffer, length: read, size: read }
    const { size } = fstatSync(descriptor)
    const wanted = Math.min(size, most)
    if (wanted > buffer.length) buffer = Buffer.allocUnsafe(Math.max(wanted, buffer.length * 2))
    const length = wanted <= read ? read : fill(descriptor, buffer, wanted, 0)
    if (length >= size || size < ends.length) return { bytes: buffer, length, size }
    fill(descriptor, ends, ends.length, size - ends.length)
    return { bytes: buffer, length, size, tail: ends }
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

/** A file's bytes in pieces of at most 4 MiB, each a buffer of its own. */
function* readChunks(path: string): Generator<Uint8Array> {
  const descriptor = openSync(path, 'r')
  try {
    const left = fstatSync(descriptor).size
    for (let from = 0; from < left; ) {
      const chunk = Buffer.allocUnsafe(Math.min(1 << 22, left - from))
      const length = fill(descriptor, chunk, chunk.length, from)
      if (length === 0) return
      yield chunk.subarray(0, length)
      from += length
    }
  } finally {
    closeSync(descriptor)
  }
}

/** A file of a data set in pieces; one that cannot be read is the user's to mend. */
export function* fileChunks(tree: Pick<Tree, 'read' | 'opens'>, file: string): Generator<Uint8Array> {
  try {
    if (tree.opens) yield* readChunks(tree.opens(file))
    else {
      const { bytes, length } = tree.read(file)
      yield bytes.slice(0, length)
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    throw new UsageError(`cannot be read: ${code}`, { where: file, cause })
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

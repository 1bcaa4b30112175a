import { readFileSync, statSync } from 'node:fs'
import { type OnnxMetadata, readOnnxMetadata } from '../../core/detect/onnx-metadata.ts'
import { scanOnnx } from '../../core/detect/onnx-scan.ts'
import { sha256 } from '../../core/documents/define.ts'
import { UsageError } from '../../core/errors.ts'

export type ModelFile = { path: string; bytes: Uint8Array; sha256: string; metadata: OnnxMetadata }

const largest = 2 ** 31 - 1

/** Reads an ONNX file whole: what is hashed is what runs, and weights in further files cannot be named by it. */
export function readModelFile(path: string): ModelFile {
  const bytes = readBytes(path)
  try {
    const metadata = readOnnxMetadata(bytes)
    scanOnnx(bytes)
    return { path, bytes, sha256: sha256(bytes), metadata }
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, { where: path, mend: error.mend }) : error
  }
}

function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path)
    if (size > largest) {
      throw new UsageError(`the model has ${size} bytes, more than one file of ONNX holds`, { where: path })
    }
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError('there is no such model', { where: path, mend: 'check the path' })
    if (code === 'EISDIR') throw new UsageError('this is a folder, an ONNX file was expected', { where: path })
    if (code === 'EACCES' || code === 'EPERM') throw new UsageError('no permission to read this', { where: path })
    throw error
  }
}

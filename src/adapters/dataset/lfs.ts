import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'

const pointer =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:[a-z0-9.-]+ .*\n)*?oid sha256:([0-9a-f]{64})\nsize \d+\n/

/** What a blob of git stands for: itself, or, of a Git LFS pointer, its object; null when that is not on this machine. */
export function withoutLfs(repository: string, blob: Buffer): Buffer | null {
  const oid = blob.length > 1024 ? undefined : pointer.exec(blob.toString('latin1'))?.[1]
  if (oid === undefined) return blob
  const file = join(repository, '.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid)
  if (!existsSync(file)) return null
  const bytes = readFileSync(file)
  const actual = hash('sha256', bytes, 'hex')
  if (actual === oid) return bytes
  throw new UsageError(`this Git LFS object is damaged: its name says ${oid}, its bytes have ${actual}`, {
    where: file,
    mend: 'delete it and run git lfs fetch',
  })
}

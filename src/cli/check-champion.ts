import { readFileSync } from 'node:fs'
import { readBytes } from '../adapters/files.ts'
import { createImages } from '../adapters/images.ts'
import { createOnnxRuntime } from '../adapters/onnx/runtime.ts'
import type { Opened } from '../adapters/open-dataset.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { Document } from '../core/documents/define.ts'
import { sha256 } from '../core/documents/define.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import { UsageError } from '../core/errors.ts'
import type { Console } from '../ports.ts'
import { suspicious, suspiciousOfProposal } from '../steps/suspicious.ts'
import { servingOf } from './serving-options.ts'

/** Labels that a champion disagrees with: of what a proposal changes, or of all images where there is no base. */
export async function doubtsOf(
  champion: string,
  { head, base }: { head: Opened; base: Opened | null },
  diff: DatasetDiffBody | null,
  console: Console,
): Promise<Document<'Suspicious', SuspiciousBody>> {
  const { dataset, tree } = head
  const prefix = `${dataset.root}/`
  // Pictures may lie in DVC's cache instead of the folder: the version's tree knows.
  const read = (path: string) => {
    if (!path.startsWith(prefix)) return readBytes(path)
    const file = path.slice(prefix.length)
    const place = tree.here(file) ? tree.place(file) : null
    if (place === null)
      throw new UsageError('this picture is not here', { where: file, mend: 'dvc pull it, or drop --champion' })
    return readFileSync(place)
  }
  const ports = { images: createImages(), runtime: createOnnxRuntime(), storage: { read } }
  const input = {
    artifact: champion,
    ...servingOf({}, champion, 0.001),
    subject: { champion: sha256(readBytes(champion)) },
    progress: console.progress('champion'),
  }
  return base && diff
    ? suspiciousOfProposal(ports, { ...input, base: base.dataset, head: dataset, diff })
    : suspicious(ports, { ...input, dataset })
}

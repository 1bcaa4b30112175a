import { join } from 'node:path'
import { type DocumentOf, documentId, sha256 } from '../core/documents/define.ts'
import { isInside } from '../core/documents/dvc.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { releaseManifest } from '../core/documents/release.ts'
import { EvidenceError } from '../core/errors.ts'
import { readBundle } from '../steps/bundle.ts'
import { releaseFiles } from '../steps/release.ts'
import { readBytes, readText, writeWhole } from './files.ts'
import { readZip } from './zip.ts'

const limits = { entries: 200, bytes: 2 * 2 ** 30 }

/** Files of an archive with a model, by name: one folder, nothing below it. */
export function readModelArchive(zip: Uint8Array): Map<string, Uint8Array> {
  const entries = readZip(zip, limits)
  const odd = entries.find(({ path }) => path.includes('/') || !isInside(path))
  if (odd) {
    throw new EvidenceError(`the archive holds ${JSON.stringify(odd.path.slice(0, 80))}, which lies in a folder`, {
      reason: 'malformed',
      mend: 'take what the workflow itself kept',
    })
  }
  return new Map(entries.map(({ path, bytes }) => [path, bytes]))
}

/** Writes files into a folder; returns the folder. */
export function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): string {
  for (const [name, bytes] of files) writeWhole(join(folder, name), bytes)
  return folder
}

/** Manifest of a release that was built into a folder, its bundle's digest, and what its verdict says. */
export function readBuilt(folder: string): {
  manifest: DocumentOf<typeof releaseManifest>
  digest: string
  reason: string
} {
  const file = join(folder, releaseFiles.manifest)
  const manifest = parseEvidence(releaseManifest, readText(file), file)
  const bytes = readBytes(join(folder, releaseFiles.bundle))
  const bundle = readBundle(bytes, releaseFiles.bundle)
  if (documentId(bundle.manifest) !== documentId(manifest)) {
    throw new EvidenceError('the bundle beside this manifest is of another release', {
      reason: 'other-subject',
      where: file,
      mend: 'build the release again',
    })
  }
  return { manifest, digest: sha256(bytes), reason: bundle.verdict.body.reason }
}

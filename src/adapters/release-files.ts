import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../core/documents/define.ts'
import { parseDvcFile } from '../core/documents/dvc.ts'
import { parseDirManifest } from '../core/documents/dvc-manifest.ts'
import { EvidenceError } from '../core/errors.ts'
import { openRepository } from './dataset/repository.ts'
import type { ObjectName } from './dvc/store.ts'
import { writeWhole } from './files.ts'

/**
 * Writes one file of a release, found by its SHA-256, into `to`: from `models/MODEL/VERSION` in the work tree, or from
 * what DVC keeps for `models/MODEL/VERSION.dvc` at a revision of the base. Its digest is computed before it is written,
 * so that nothing else is ever opened in its place.
 */
export async function bringReleaseFile(
  root: string,
  { model, version, revision, digest, suffix, to }: ReleaseFile,
): Promise<void> {
  const folder = join(root, 'models', model, version)
  const here = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(suffix)) : []
  for (const name of here) {
    if (!lstatSync(join(folder, name)).isFile()) continue
    const bytes = readFileSync(join(folder, name))
    if (sha256(bytes) === digest) return writeWhole(to, bytes)
  }
  const kept = await keptFile(root, { model, version, revision, digest, suffix })
  if (kept) return writeWhole(to, kept)
  throw new EvidenceError(`no file of ${model} ${version} has the digest ${digest.slice(0, 12)}`, {
    reason: 'absent',
    where: `models/${model}/${version}.dvc`,
    mend: 'a promotion commits this pointer: push what it names with dvc push',
  })
}
type ReleaseFile = {
  model: string
  version: string
  revision: string
  digest: string
  /** End of its name, e.g. `.onnx`: nothing else is fetched. */
  suffix: string
  to: string
}

/**
 * Writes all that DVC keeps for `models/MODEL/VERSION.dvc` at a revision into a folder, from the remotes that `trust`
 * names. The pointer is read here, DVC is not run on it; null where the revision has none.
 */
export async function bringReleaseFolder(
  root: string,
  { to, ...wanted }: { model: string; version: string; revision: string; trust: string; to: string },
): Promise<string[] | null> {
  return keptObjects(root, { ...wanted, suffix: '' }, (objects, read) => {
    for (const { path, name } of objects) writeWhole(join(to, path), read(name))
    return objects.map(({ path }) => path)
  })
}

async function keptFile(root: string, wanted: Omit<ReleaseFile, 'to'>): Promise<Uint8Array | null> {
  return keptObjects(
    root,
    { ...wanted, trust: wanted.revision },
    (objects, read) => objects.map(({ name }) => read(name)).find((bytes) => sha256(bytes) === wanted.digest) ?? null,
  )
}

type Kept = { path: string; name: ObjectName }

/** Brings a release's files whose names end so to this machine, for `take`; null where nothing is kept. */
async function keptObjects<T>(
  root: string,
  { model, version, revision, trust, suffix }: Omit<ReleaseFile, 'to' | 'digest'> & { trust: string },
  take: (objects: Kept[], read: (name: ObjectName) => Uint8Array) => T,
): Promise<T | null> {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-release-'))
  const repository = await openRepository(root, () => scratch)
  try {
    const pointer = `models/${model}/${version}.dvc`
    if (repository === null || /[\r\n\0]/.test(pointer)) return null
    await repository.trust(trust)
    const [found] = await repository.objects.read([`${revision}:${pointer}`])
    if (found?.type !== 'blob') return null
    const { md5, legacy, remote, kept } = parseDvcFile(found.bytes.toString('utf8'), pointer)
    const nameOf = (of: string) => ({ md5: of, legacy, remote, ...(kept === undefined ? {} : { kept }) })
    const store = await repository.store('')
    if (!store || !md5.endsWith('.dir')) return null
    await store.bring([nameOf(md5)])
    const objects = parseDirManifest(store.read(nameOf(md5)), md5)
      .filter(({ path }) => path.endsWith(suffix))
      .map(({ path, md5: of }) => ({ path, name: nameOf(of) }))
    await store.bring(objects.map(({ name }) => name))
    return take(objects, store.read)
  } finally {
    repository?.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

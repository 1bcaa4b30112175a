import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ClassMigrationBody, DatasetSpecBody } from '../core/documents/declared.ts'
import type { Progress } from '../ports.ts'
import { checkExemplars, repositoryOf } from './dataset/exemplars.ts'
import { readMigrations } from './dataset/migrations.ts'
import { writeWhole } from './files.ts'
import { lookForCheck, type Pixels } from './look-for-check.ts'
import { type Opened, type OpenOptions, openDataset, openVersions, type Versions } from './open-dataset.ts'
import { openScan } from './scan-cache.ts'

export type CheckRequest = {
  cwd: string
  /** A folder, a file, or REV:PATH. */
  head: string
  /** The same, or a REV alone: then the head's path at it. */
  base: string | null
  spec: DatasetSpecBody | null
  images: NonNullable<OpenOptions['images']>
  pixels: Pixels
  /** Folder of what earlier checks left, and what names their rules; null reads everything. */
  cache: { folder: string; key: string } | null
  progress: (label: string) => Progress
}

export type VersionsToCheck = AsyncDisposable & {
  head: Opened
  base: Opened | null
  baseText: Versions['baseText']
  /** Images that rules about one image look at; undefined for all. */
  images: Uint32Array | undefined
  baseImages: Uint32Array | undefined
  migrations: ClassMigrationBody[]
  /** Leaves what was read for the next check; takes the names of images that a rule about one image spoke of. */
  keep: (flagged: ReadonlySet<string>, baseFlagged: ReadonlySet<string>) => void
}

/** Opens what a check compares, with all that it needs beside labels: pictures looked at, declared migrations, a cache. */
export async function openForCheck(request: CheckRequest): Promise<VersionsToCheck> {
  const { cwd, head: path, base: revision, spec, images, cache } = request
  if (cache) hideFromGit(cache.folder)
  const scan = openScan(cache?.folder ?? null, path, cache?.key ?? '')
  // A folder as base has no spec of its own; a revision has the one that it declares.
  const shared = spec && revision !== null && existsSync(resolve(cwd, revision)) && !/\.ya?ml$/i.test(revision)
  const options: OpenOptions = { cwd, md5: true, images, remember: scan.remember, ...(shared ? { spec } : {}) }
  const versions = revision === null ? null : await openVersions(revision, path, options)
  const head = versions?.head ?? (await openDataset(path, options))
  const base = versions?.base ?? null
  const dispose = async () => {
    await versions?.[Symbol.asyncDispose]()
    if (!versions) await head[Symbol.asyncDispose]()
  }
  try {
    if (scan.note) head.dataset.notes = [...(head.dataset.notes ?? []), scan.note]
    const repository = repositoryOf(head.tree.root)
    if (head.spec) head.dataset.defects.push(...(await checkExemplars(head.spec, repository)))
    await lookForCheck({ head, base }, request.pixels, request.progress, cache?.folder ?? null)
    const judged = (opened: Opened | null) => (opened?.memory ? scan.images(opened.dataset, opened.memory) : undefined)
    const keep = (opened: Opened | null, flagged: ReadonlySet<string>) => {
      if (opened?.memory) scan.keep(opened.dataset, opened.memory, flagged)
    }
    return {
      head,
      base,
      baseText: versions?.baseText ?? (async () => null),
      images: judged(head),
      baseImages: judged(base),
      migrations: readMigrations(repository),
      // The next proposal has this base again, or one that this proposal was merged into.
      keep: (flagged, baseFlagged) => (base ? keep(base, baseFlagged) : keep(head, flagged)),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A cache in somebody's repository shows in no status and is never added; one that cannot be written is no error. */
function hideFromGit(folder: string): void {
  const file = join(folder, '.gitignore')
  if (existsSync(file)) return
  try {
    writeWhole(file, '*\n')
  } catch {
    // Nothing will be left there either.
  }
}

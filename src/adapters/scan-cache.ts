import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imagesToJudge, type KnownLabels, knownLabelsOf, type LabelMemory } from '../core/dataset/known-labels.ts'
import { decodeKnownLabels, encodeKnownLabels } from '../core/dataset/known-labels-file.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { sha256 } from '../core/documents/define.ts'

/** What a cache gave: nothing when there is none for this key; `note` where one was there and is not used. */
type Cached = { known: KnownLabels | null; note: string | null }

/**
 * Reads what an earlier check of the data set `name` left in a folder. It is disposable: one of other rules, policy or
 * spec (another key), a damaged one and none at all mean that everything is read.
 */
function readScanCache(folder: string, name: string, key: string): Cached {
  try {
    const found = decodeKnownLabels(readFileSync(fileOf(folder, name)), key)
    if (typeof found !== 'string') return { known: found, note: null }
    return { known: null, note: `The cache of an earlier check was not used: ${found}. Everything was read.` }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { known: null, note: null }
    return { known: null, note: 'The cache of an earlier check could not be read. Everything was read.' }
  }
}

/** Leaves what is known for the next check: whole or not at all; a folder that cannot be written is no error. */
function writeScanCache(folder: string, name: string, key: string, known: KnownLabels): void {
  const file = fileOf(folder, name)
  const scratch = `${file}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(scratch, encodeKnownLabels(known, key))
    renameSync(scratch, file)
  } catch {
    rmSync(scratch, { force: true })
  }
}

/** One check's use of a cache: what its readers remember, which images its rules look at, what it leaves. */
export type Scan = {
  /** For the reader of the data set, and of its base: each has its own. */
  remember: () => LabelMemory
  note: string | null
  /** Images to be judged; undefined for all. */
  images: (dataset: Dataset, memory: LabelMemory) => Uint32Array | undefined
  /** Leaves what was read for the next check, unless nearly all of it was known. */
  keep: (dataset: Dataset, memory: LabelMemory, flagged: ReadonlySet<string>) => void
}

/** A scan of the data set `name` with the cache in a folder; without a folder everything is read and nothing is left. */
export function openScan(folder: string | null, name: string, key: string): Scan {
  const { known, note } = folder === null ? { known: null, note: null } : readScanCache(folder, name, key)
  return {
    note,
    remember: () => ({ known, read: null }),
    images: (dataset, memory) =>
      memory.known && memory.read ? imagesToJudge(memory.known, dataset, memory.read) : undefined,
    keep: (dataset, { known: used, read }, flagged) => {
      if (folder === null || read === null) return
      const fresh = read.places?.filter((place) => place < 0).length ?? read.files.length
      if (used && fresh < read.files.length / worthWriting) return
      const next = knownLabelsOf(dataset, read, flagged)
      if (next) writeScanCache(folder, name, key, next)
    },
  }
}

/** A cache that lacks less than one file in so many is as good as a new one. */
const worthWriting = 20

function fileOf(folder: string, name: string): string {
  return join(folder, `labels-${sha256(name).slice(0, 16)}.bin`)
}

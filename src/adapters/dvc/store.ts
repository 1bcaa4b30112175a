import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { md5Of, objectPath } from '../../core/documents/dvc.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import { type DvcConfig, folderRemote } from './config.ts'
import { type NetworkRemote, openNetworkRemote } from './network.ts'

/** An object's name; `legacy` ones (DVC 2) lie elsewhere and were hashed with line ends made equal. */
export type ObjectName = { md5: string; legacy: boolean; remote: string | null; kept?: boolean }

/** How much came from a remote, and from which. */
export type Fetched = { files: number; bytes: number; from: string | null }
export const nothingFetched: Fetched = { files: 0, bytes: 0, from: null }

export type DvcStore = {
  /** Makes objects readable: from the cache, a remote that is a folder, or, in one process, any other remote. */
  bring: (objects: readonly ObjectName[]) => Promise<Fetched>
  /** An object's bytes, hashed again: DVC itself would not notice a flipped bit. */
  read: (object: ObjectName) => Buffer
  /** Where an object's bytes lie on this machine; null when they do not. */
  place: (object: ObjectName) => string | null
  close: () => void
}

const fewLooks = 16

/** The objects of a DVC repository: its cache, and the remotes that the given configuration names. */
export function openDvcStore(config: DvcConfig): DvcStore {
  const listed = new Map<string, Set<string>>()
  const brought = new Set<string>()
  const networks = new Map<string, NetworkRemote>()
  const asked = new Map<string, number>()
  // One listing of a folder tells of thousands of objects; only its 256 folders are ever looked into. Where few are
  // asked for, a look at each is cheaper.
  const has = (store: string, path: string) => {
    const folder = dirname(join(store, path))
    let names = listed.get(folder)
    if (!names) {
      const times = (asked.get(folder) ?? 0) + 1
      asked.set(folder, times)
      if (times <= fewLooks) return existsSync(join(store, path))
      names = new Set(existsSync(folder) ? readdirSync(folder) : [])
      listed.set(folder, names)
    }
    return names.has(path.slice(path.lastIndexOf('/') + 1))
  }
  const place = (object: ObjectName): string | null => {
    const path = pathOf(object)
    const store = storesOf(config, object.remote).find(({ folder }) => has(folder, path))
    return store ? join(store.folder, path) : null
  }

  const bring = async (objects: readonly ObjectName[]): Promise<Fetched> => {
    const fetched: Fetched = { files: 0, bytes: 0, from: null }
    const missing = new Map<string, ObjectName>()
    for (const object of objects) {
      if (brought.has(object.md5)) continue
      const path = pathOf(object)
      const store = storesOf(config, object.remote).find(({ folder }) => has(folder, path))
      if (!store) missing.set(object.md5, object)
      else if (store.remote !== null) {
        // A folder is read in place, and counted when it is the only one that has the object.
        fetched.files++
        fetched.bytes += statSync(join(store.folder, path)).size
        fetched.from = store.remote
      }
      brought.add(object.md5)
    }
    if (missing.size === 0) return fetched
    const wanted = [...missing.values()]
    for (const object of wanted) brought.delete(object.md5)
    const network = networkRemote(config, wanted)
    if (network === null) throw absent(config, wanted)
    const folder = mkdtempSync(partFolder(config.cache))
    try {
      const remote = networks.get(network) ?? openNetworkRemote(config, network)
      networks.set(network, remote)
      const left = await remote.fetch(wanted.map(pathOf), folder)
      if (left.length > 0) {
        const gone = new Set(left)
        throw absent(
          config,
          wanted.filter((object) => gone.has(pathOf(object))),
        )
      }
      for (const object of wanted) {
        const bytes = checked(join(folder, pathOf(object)), object, network)
        const target = join(config.cache, pathOf(object))
        mkdirSync(dirname(target), { recursive: true })
        chmodSync(join(folder, pathOf(object)), 0o444)
        renameSync(join(folder, pathOf(object)), target)
        listed.get(dirname(target))?.add(target.slice(dirname(target).length + 1))
        brought.add(object.md5)
        fetched.files++
        fetched.bytes += bytes.length
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    return { ...fetched, from: network }
  }

  const read = (object: ObjectName): Buffer => {
    const file = place(object)
    if (file === null) throw absent(config, [object])
    return checked(file, object, null)
  }
  const close = () => {
    for (const remote of networks.values()) remote.close()
  }
  return { bring, read, place, close }
}

function pathOf({ md5, legacy }: ObjectName): string {
  return legacy ? `${md5.slice(0, 2)}/${md5.slice(2)}` : objectPath(md5)
}

/** Folders that may have an object, nearest first, with the remote's name where one is. */
function storesOf(config: DvcConfig, named: string | null): { folder: string; remote: string | null }[] {
  const remote = named?.toLowerCase() ?? config.remote
  const url = remote === null ? undefined : config.urls.get(remote)
  const folder = url === undefined ? null : folderRemote(config, url)
  return [{ folder: config.cache, remote: null }, ...(folder === null ? [] : [{ folder, remote }])]
}

/** The one remote on a network that missing objects can come from; null when there is none. */
function networkRemote(config: DvcConfig, objects: readonly ObjectName[]): string | null {
  const remote = objects.find((object) => object.remote !== null)?.remote?.toLowerCase() ?? config.remote
  const url = remote === null ? undefined : config.urls.get(remote)
  return url === undefined || folderRemote(config, url) !== null ? null : remote
}

function checked(file: string, { md5, legacy }: ObjectName, remote: string | null): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new ToolError(`cannot read the DVC object ${md5} at ${file}`, { mend: 'check its permissions', cause })
  }
  const expected = md5.replace(/\.dir$/, '')
  const actual = md5Of(bytes)
  if (actual === expected) return bytes
  if (legacy && md5Of(Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')) === expected)
    return bytes
  throw new UsageError(`this DVC object is damaged: its name says ${md5}, its bytes have ${actual}`, {
    where: remote === null ? file : `remote "${remote}"`,
    mend: 'delete it and dvc push it again from a sound copy',
  })
}

function absent(config: DvcConfig, objects: readonly ObjectName[]): ToolError {
  const names = objects.slice(0, 20).map(({ md5 }) => md5)
  const named = `${names.join(', ')}${objects.length > 20 ? `, and ${objects.length - 20} more` : ''}`
  const remote = objects[0]?.remote?.toLowerCase() ?? config.remote
  const known = remote !== null && config.urls.has(remote)
  const where = known
    ? `neither in the cache nor in the remote "${remote}"`
    : remote === null
      ? 'not in the cache, and the configuration names no default remote'
      : `not in the cache, and the configuration has no remote "${remote}"`
  const [count, verb] = objects.length === 1 ? ['1 DVC object', 'is'] : [`${objects.length} DVC objects`, 'are']
  const kept = objects.some((object) => object.kept)
  return new ToolError(`${count} ${verb} missing, ${where}: ${named}`, {
    mend: kept
      ? 'the .dvc file says push: false, so that dvc push leaves them out: remove that line and push'
      : known
        ? 'run dvc push where the data is complete, then run this again'
        : 'name a remote: dvc remote add -d',
  })
}

function partFolder(cache: string): string {
  mkdirSync(cache, { recursive: true })
  return join(cache, '.sluice-')
}

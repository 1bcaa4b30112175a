import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Document } from '../core/documents/define.ts'
import { parseDvcFile } from '../core/documents/dvc.ts'
import { parseDirManifest } from '../core/documents/dvc-manifest.ts'
import { UsageError } from '../core/errors.ts'
import { documentOf, type EvidenceSource } from '../steps/history.ts'
import { openRepository, type Repository } from './dataset/repository.ts'

// Predictions of a large set are larger, and are no document.
const mostBytes = 32 * 1024 * 1024
const mostFiles = 20_000
const passedBy = new Set(['.git', '.dvc', 'node_modules', 'images', 'labels'])

/**
 * Evidence of releases by its id: JSON files in the named folders, manifests and evidence in git at HEAD, and what DVC keeps
 * for a release (`models/MODEL/VERSION.dvc`) where it can be read without asking a network.
 */
export async function openReleaseEvidence(
  root: string,
  folders: readonly string[],
): Promise<EvidenceSource & { close: () => void }> {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-history-'))
  const repository = await openRepository(root, () => scratch)
  if (repository === null) {
    rmSync(scratch, { recursive: true, force: true })
    throw new UsageError('this is no git repository', { where: root, mend: 'name the one that has the tags' })
  }
  const known = new Map<string, Document>()
  const take = (text: string) => {
    const found = documentOf(text)
    if (found && !known.has(found.id)) known.set(found.id, found.document)
  }
  for (const folder of folders) for (const file of jsonFiles(resolve(folder))) take(readFileSync(file, 'utf8'))
  const done = new Set<string>()
  const once = async (key: string, work: () => Promise<void>) => {
    if (done.has(key)) return
    done.add(key)
    await work()
  }
  return {
    places: [
      `git at HEAD`,
      'DVC (models/MODEL/VERSION)',
      ...folders.map((folder) => relative(process.cwd(), folder) || '.'),
    ],
    find: async (id, { model, version, path }) => {
      const inGit = [`channels/releases/${model}/${version}.json`, `releases/${version}.json`, ...(path ? [path] : [])]
      for (const file of known.has(id) ? [] : inGit) {
        await once(file, async () => take((await textAt(repository, file)) ?? ''))
      }
      if (!known.has(id)) {
        const pointer = `models/${model}/${version}.dvc`
        await once(pointer, async () => {
          for (const text of await keptTexts(repository, pointer)) take(text)
        })
      }
      return known.get(id) ?? null
    },
    close: () => {
      repository.close()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

/** A file at HEAD; null where there is none. A path that git reads otherwise than as a path is none. */
async function textAt({ objects }: Repository, path: string): Promise<string | null> {
  if (/[\r\n\0]/.test(path)) return null
  const [found] = await objects.read([`HEAD:${path}`])
  return found?.type === 'blob' && found.bytes.length <= mostBytes ? found.bytes.toString('utf8') : null
}

/** JSON files of a folder that DVC keeps, those that lie in its cache or in a remote that is a folder. */
async function keptTexts(repository: Repository, pointer: string): Promise<string[]> {
  const text = await textAt(repository, pointer)
  if (text === null) return []
  const store = await repository.store('')
  const { md5, legacy, remote, kept } = parseDvcFile(text, pointer)
  const nameOf = (of: string) => ({ md5: of, legacy, remote, kept })
  if (!store || !md5.endsWith('.dir') || store.place(nameOf(md5)) === null) return []
  return parseDirManifest(store.read(nameOf(md5)), md5)
    .filter(({ path }) => path.endsWith('.json') && !path.endsWith('predictions.json'))
    .map((entry) => nameOf(entry.md5))
    .filter((object) => {
      const file = store.place(object)
      return file !== null && lstatSync(file).size <= mostBytes
    })
    .map((object) => store.read(object).toString('utf8'))
}

function jsonFiles(root: string): string[] {
  const found: string[] = []
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !passedBy.has(entry.name)) visit(path)
      if (!entry.isFile() || !/\.json$/.test(entry.name) || lstatSync(path).size > mostBytes) continue
      found.push(path)
      if (found.length > mostFiles) {
        throw new UsageError(`more than ${mostFiles} JSON files`, { where: root, mend: 'name the folder of evidence' })
      }
    }
  }
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError('there is no such folder', { where: root, mend: 'name the folder that has the evidence' })
  }
  visit(root)
  return found
}

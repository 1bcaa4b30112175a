import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Defect } from '../../core/dataset/model.ts'
import { insideRoot } from '../../core/dataset/paths.ts'
import type { DatasetSpecBody } from '../../core/documents/declared.ts'

const mostBytes = 20 << 20
const mostPixels = 100_000_000

/** The repository that a file lies in: the nearest folder above with .git, else the folder above the file's own. */
export function repositoryOf(file: string): string {
  const own = dirname(resolve(file))
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return dirname(own)
  }
}

/** Exemplars of a spec that are not there, leave the repository or do not decode, as defects `spec-exemplar`. */
export async function checkExemplars(spec: DatasetSpecBody, repository: string): Promise<Defect[]> {
  const defects: Defect[] = []
  for (const { id, class: name, exemplars = [] } of spec.labels?.rules ?? []) {
    for (const path of exemplars) {
      const problem = await exemplarProblem(repository, path)
      if (problem === null) continue
      const message = `rule "${id ?? name}": the exemplar ${JSON.stringify(path.slice(0, 120))} ${problem}`
      defects.push({ code: 'spec-exemplar', file: '', line: 0, column: 0, message, image: null, key: path })
    }
  }
  return defects
}

async function exemplarProblem(repository: string, path: string): Promise<string | null> {
  const inside = insideRoot(path)
  if (inside === null) return 'leaves the repository'
  const root = realpathSync(repository)
  try {
    const file = realpathSync(join(root, inside))
    // Data behind DVC may be a link into its cache, which can lie anywhere; its names are hashes.
    const cached = /[\\/]files[\\/]md5[\\/][0-9a-f]{2}[\\/][0-9a-f]{30}$/.test(file)
    if (!file.startsWith(root + sep) && !cached) return 'is a link that leaves the repository'
    const stat = statSync(file)
    if (!stat.isFile()) return 'is no file'
    if (stat.size > mostBytes) return `is larger than ${mostBytes >> 20} MB`
    const { default: sharp } = await import('sharp')
    await sharp(file, { failOn: 'truncated', limitInputPixels: mostPixels }).stats()
    return null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'is not there'
    return 'cannot be decoded'
  }
}

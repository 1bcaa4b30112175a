import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createDvc } from './dvc/cli.ts'
import { workTreeConfig } from './dvc/config.ts'
import { readText } from './files.ts'

/**
 * Keeps a release's files in DVC as `models/MODEL/VERSION` and pushes them to the default remote; the text of its DVC
 * file, or null where the repository has no remote. Done again it adds the same and pushes nothing.
 */
export async function keepRelease(
  root: string,
  { model, version }: { model: string; version: string },
  folder: string,
): Promise<string | null> {
  if (workTreeConfig(root).remote === null) return null
  const path = `models/${model}/${version}`
  mkdirSync(join(root, path), { recursive: true })
  for (const name of readdirSync(folder).sort()) copyFileSync(join(folder, name), join(root, path, name))
  const dvc = createDvc(root)
  const pointers = await dvc.add([path])
  await dvc.push(pointers)
  return readText(join(root, pointers[0] as string))
}

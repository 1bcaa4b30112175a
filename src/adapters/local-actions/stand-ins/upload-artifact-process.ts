// Stands in for actions/upload-artifact: name, path (files and folders, one a line), if-no-files-found.
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { writeZip } from '../../zip.ts'
import { callService, input, run } from './inputs.ts'

run(async () => {
  const named = input('path')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((path) => resolve(path))
  const found = named.filter((path) => existsSync(path))
  const files = found.flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]))
  if (files.length === 0) {
    const message = `No files were found with the provided path: ${input('path')}. No artifacts will be uploaded.`
    if (input('if-no-files-found') === 'error') throw new Error(message)
    process.stdout.write(`${message}\n`)
    return
  }
  // As upload-artifact does: paths start at the folder, or at what the paths have in common.
  const [only] = found
  const single = found.length === 1 && only !== undefined
  const root = single ? (statSync(only).isDirectory() ? only : dirname(only)) : common(found.map(dirname))
  const entries = files.map((path) => ({ path: relative(root, path).split('\\').join('/'), bytes: readFileSync(path) }))
  const zip = writeZip(entries)
  const name = input('name') || 'artifact'
  const { signed_upload_url: url } = await callService<{ signed_upload_url: string }>('CreateArtifact', {
    name,
    version: 7,
    mime_type: 'application/zip',
  })
  const put = await fetch(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: new Uint8Array(zip) })
  if (!put.ok) throw new Error(`upload of ${name}: ${put.status}`)
  const hash = `sha256:${createHash('sha256').update(zip).digest('hex')}`
  const body = { name, size: String(zip.length), hash }
  const { artifact_id } = await callService<{ artifact_id: string }>('FinalizeArtifact', body)
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, `artifact-id=${artifact_id}\n`)
  process.stdout.write(`kept ${name}: ${entries.length} files from ${basename(root)}\n`)
})

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]))
}

function common(folders: string[]): string {
  let root = folders[0] ?? '/'
  while (!folders.every((folder) => folder === root || folder.startsWith(`${root}/`))) root = dirname(root)
  return root
}

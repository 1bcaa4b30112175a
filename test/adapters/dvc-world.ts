import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type DvcEntry, dirManifest, md5Of, objectPath } from '../../src/core/documents/dvc.ts'

/** A 1 × 1 PNG whose bytes differ by a text at its end. */
export function png(text: string): Buffer {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  return Buffer.concat([Buffer.from(pixel, 'base64'), Buffer.from(text)])
}

/**
 * A git repository with a DVC remote that is a folder beside it. `track` writes what `dvc add` and `dvc push` write
 * (that they are the same bytes is a test of its own), so that each layout is made without starting DVC.
 */
export function dvcWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dvc-world-'))
  const root = join(folder, 'repository')
  const store = join(folder, 'store')
  mkdirSync(root)
  mkdirSync(store)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: root, encoding: 'utf8' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const object = (md5: string, bytes: Uint8Array) => {
    const file = join(store, objectPath(md5))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  /** Pushes the files of a folder and returns the lines of its output. */
  const push = (files: { [path: string]: string | Uint8Array }) => {
    const entries: DvcEntry[] = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content as string)
      object(md5Of(bytes), bytes)
      return { path, md5: md5Of(bytes) }
    })
    const manifest = dirManifest(entries)
    object(manifest.md5, manifest.bytes)
    return { md5: manifest.md5, nfiles: entries.length, entries }
  }
  const track = (
    pointer: string,
    path: string,
    files: { [path: string]: string | Uint8Array },
    more: { wdir?: string } = {},
  ) => {
    const { md5, nfiles } = push(files)
    const wdir = more.wdir === undefined ? '' : `wdir: ${more.wdir}\n`
    write(pointer, `${wdir}outs:\n- md5: ${md5}\n  size: 1\n  nfiles: ${nfiles}\n  hash: md5\n  path: ${path}\n`)
    return md5
  }
  const commit = (message: string) => {
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '-m', message)
    return git('rev-parse', 'HEAD').trim()
  }
  git('init', '--quiet', '--initial-branch=main')
  write('.dvc/config', '[core]\n    remote = store\n[\'remote "store"\']\n    url = ../../store\n')
  write('.dvc/.gitignore', '/config.local\n/tmp\n/cache\n')
  return {
    folder,
    root,
    store,
    git,
    write,
    push,
    track,
    commit,
    /** Deletes every object of the remote but these. */
    keepOnly: (md5s: readonly string[]) => {
      const base = join(store, 'files/md5')
      for (const prefix of readdirSync(base)) {
        for (const name of readdirSync(join(base, prefix))) {
          if (!md5s.includes(prefix + name)) rmSync(join(base, prefix, name))
        }
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

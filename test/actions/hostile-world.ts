import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { png } from '../adapters/dvc-world.ts'
import { hostileNames } from '../core/render/hostile-names.ts'

/** Names as a file system takes them, each in a folder of its own number, so that none hides another. */
export const fileNames = hostileNames
  .map((name) => name.replaceAll('/', '⁄').replaceAll('\0', '').slice(0, 60).toWellFormed().trim())
  .filter((name) => name !== '')
/** Names for classes; those with control characters or marks of direction are refused. */
export const classNames = hostileNames
  .filter((name) => !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name))
  .map((name) => name.slice(0, 60).trim())
/** Names as JSON takes them. */
export const texts = hostileNames.map((name) => name.toWellFormed().replaceAll('\0', ''))

/** A repository with a data set on main and a proposal that names everything it may choose by hostile names. */
export function hostileWorld(names: {
  files: readonly string[]
  classes: readonly string[]
  texts: readonly string[]
  branch: string
}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'))
  const root = join(folder, 'repository')
  mkdirSync(root)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: root, encoding: 'utf8' })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const commit = (message: string) => {
    git('add', '--all')
    git('commit', '--quiet', '--cleanup=verbatim', '-m', message)
    return git('rev-parse', 'HEAD').trim()
  }
  const classes = (all: readonly string[]) =>
    write('data/data.yaml', `path: .\ntrain: images/train\nval: images/val\nnames: ${JSON.stringify(all)}\n`)
  const image = (path: string, rows: string) => {
    write(`data/images/${path}.png`, png(path))
    write(`data/labels/${path}.txt`, rows)
  }
  git('init', '--quiet', '--initial-branch=main')
  classes(['person'])
  for (const split of ['train', 'val']) image(`${split}/plain`, '0 0.5 0.5 0.1 0.2\n')
  const base = commit('Base')
  git('switch', '--quiet', '--create', names.branch)
  classes(['person', ...names.classes])
  const boxOf = (i: number) => [0.5, 0.5, 0.2 + i / 1000, 0.2] as const
  const notes = names.texts.map((name, i) => ({
    ...{ image: `train/${i}`, source: name, camera: name, scene: name, uploader: name, licence: name },
    boxes: [
      { classId: i % (1 + names.classes.length), box: boxOf(i), annotator: name, teacher: name, source: 'human' },
    ],
  }))
  for (const [i] of names.texts.entries())
    image(`train/${i}`, `${i % (1 + names.classes.length)} ${boxOf(i).join(' ')}\n`)
  // A box that leaves its image, one of an unknown class, and words: each is a finding at the file's name.
  for (const [i, name] of names.files.entries()) {
    image(`train/${name}`, `0 0.9 0.5 0.${200 + i} 0.2\n999 0.5 0.5 0.1 0.1\n0 ${names.texts[i] ?? 'x'} 0.5 0.1 0.1\n`)
  }
  write('data/provenance.ndjson', `${notes.map((line) => JSON.stringify(line)).join('\n')}\n`)
  const head = commit(names.texts.join('\n\n') || 'Head')
  return {
    folder,
    root,
    base,
    head,
    git,
    write,
    commit,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

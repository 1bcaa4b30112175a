import { hash } from 'node:crypto'
import { parseCommit, type Repository, type Signed, type TreeEntry } from '../../src/adapters/local-forge/repository.ts'

type Kind = 'blob' | 'tree' | 'commit' | 'tag'
type File = { mode: string; sha: string }
/** Objects by id, files by tree id, ids by full ref name. */
export type Store = {
  objects: Map<string, { kind: Kind; bytes: Buffer }>
  trees: Map<string, Map<string, File>>
  refs: Map<string, string>
}
export type MemoryRepository = Repository & {
  store: Store
  /** Text of a file at a commit; null when it is not there. */
  textAt: (commit: string, path: string) => string | null
  parentOf: (commit: string) => string
}

/** What the local forge needs of git, without processes and files; objects have the ids that git gives them. */
export function memoryRepository(from?: Store): MemoryRepository {
  const store: Store = {
    objects: new Map(from?.objects),
    trees: new Map(from?.trees),
    refs: new Map(from?.refs),
  }
  const { objects, trees, refs } = store
  const put = (kind: Kind, bytes: Buffer): string => {
    const sha = hash('sha1', Buffer.concat([Buffer.from(`${kind} ${bytes.length}\0`), bytes]))
    objects.set(sha, { kind, bytes })
    return sha
  }
  const textOf = (sha: string) => objects.get(sha)?.bytes.toString('utf8') ?? ''
  const peel = (sha: string | undefined): string | null => {
    const kind = sha === undefined ? undefined : objects.get(sha)?.kind
    if (sha === undefined || kind === undefined) return null
    return kind === 'tag' ? peel(/^object (.*)$/m.exec(textOf(sha))?.[1]) : kind === 'commit' ? sha : null
  }
  const named = (name: string) =>
    refs.get(name) ?? refs.get(`refs/tags/${name}`) ?? refs.get(`refs/heads/${name}`) ?? name
  const commitOf = (revision: string) => peel(named(revision === 'HEAD' ? 'refs/heads/main' : revision))
  const read = (commit: string) => parseCommit(textOf(commit))
  const filesOf = (treeish: string): Map<string, File> =>
    trees.get(objects.get(treeish)?.kind === 'commit' ? read(treeish).tree : treeish) ?? new Map()
  const historyOf = (commit: string): string[] => {
    const seen = [commit]
    for (const one of seen) for (const parent of read(one).parents) if (!seen.includes(parent)) seen.push(parent)
    return seen
  }
  const mergeBaseOf = (a: string, b: string): string | null => {
    const older = historyOf(b)
    const common = historyOf(a).filter((one) => older.includes(one))
    // The one that no other common commit comes after.
    return common.find((one) => !common.some((other) => other !== one && historyOf(other).includes(one))) ?? null
  }
  const writeTree = (files: Map<string, File>): string => {
    const sha = put(
      'tree',
      treeBytes(files, (inner) => writeTree(inner)),
    )
    trees.set(sha, files)
    return sha
  }

  return {
    store,
    textAt: (commit, path) => {
      const file = filesOf(commit).get(path)
      return file ? textOf(file.sha) : null
    },
    parentOf: (commit) => read(commit).parents[0] ?? '',
    commitOf: async (revision) => commitOf(revision),
    branchOf: async (name) => peel(refs.get(`refs/heads/${name}`)),
    objectOf: async (ref) => {
      const [, commit, path] = /^(HEAD):(.+)$/.exec(ref) ?? []
      return commit && path ? (filesOf(commitOf(commit) ?? '').get(path)?.sha ?? null) : (refs.get(ref) ?? null)
    },
    typeOf: async (sha) => objects.get(sha)?.kind ?? null,
    symbolicHead: async () => 'main',
    mergeBase: async (a, b) => mergeBaseOf(a, b),
    files: async (from, to) => {
      const [before, after] = [filesOf(from), filesOf(to)]
      const paths = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      )
      return paths.flatMap((path) => {
        const [was, is] = [before.get(path), after.get(path)]
        if (was?.sha === is?.sha && was?.mode === is?.mode) return []
        const counts = lineChanges(was ? textOf(was.sha) : '', is ? textOf(is.sha) : '')
        const status = was ? (is ? ('modified' as const) : ('removed' as const)) : ('added' as const)
        return [{ path, sha: is?.sha ?? '0'.repeat(40), status, ...counts }]
      })
    },
    /** File by file: two changes of one file are a conflict, where git would look at its lines. */
    mergeTree: async (base, head) => {
      const from = filesOf(mergeBaseOf(base, head) ?? '')
      const [ours, theirs] = [filesOf(base), filesOf(head)]
      const merged = new Map(ours)
      for (const path of new Set([...from.keys(), ...theirs.keys()])) {
        const [was, here, there] = [from.get(path)?.sha, ours.get(path)?.sha, theirs.get(path)?.sha]
        if (there === was || there === here) continue
        if (here !== was) return null
        const file = theirs.get(path)
        if (file) merged.set(path, file)
        else merged.delete(path)
      }
      return writeTree(merged)
    },
    commitTree: async (tree, parents, message, { author, committer }: Signed) => {
      const who = ({ name, email, date }: Signed['author']) =>
        `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`
      const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who(author)}`]
      return put('commit', Buffer.from(`${head.join('\n')}\ncommitter ${who(committer)}\n\n${message}`))
    },
    readBlob: async (sha) => {
      const found = objects.get(sha)
      return found?.kind === 'blob' ? new Uint8Array(found.bytes) : null
    },
    readCommit: async (sha) => read(sha),
    makeBlob: async (content) => put('blob', Buffer.from(content)),
    makeTree: async (base, entries: readonly TreeEntry[]) => {
      const files = new Map(base === null ? [] : filesOf(base))
      for (const { path, mode, sha } of entries) {
        if (sha === null && !files.delete(path)) return null
        if (sha !== null) files.set(path, { mode, sha })
      }
      return writeTree(files)
    },
    makeTag: async ({ name, object, type, message, tagger }) =>
      put('tag', Buffer.from(`object ${object}\ntype ${type}\ntag ${name}\ntagger ${tagger}\n\n${message}\n`)),
    createRef: async (ref, sha) => {
      if (refs.has(ref)) return null
      refs.set(ref, sha)
      return ''
    },
    deleteRef: async (ref) => (refs.delete(ref) ? '' : null),
    validRef: async (ref) => /^refs\/(?!.*(\.\.|\/\/|@\{|\.lock$|[\s~^:?*[\\]))[^\s]+$/.test(ref),
    refs: async (prefix) =>
      [...refs]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, sha]) => [name, sha, objects.get(sha)?.kind ?? 'commit']),
    readTag: async (sha) => (objects.get(sha)?.kind === 'tag' ? textOf(sha).trim() : null),
    advance: async (branch, from, to) => {
      if (refs.get(`refs/heads/${branch}`) !== from) return 'moved'
      refs.set(`refs/heads/${branch}`, to)
      return 'done'
    },
  }
}

/** Lines that came and went: all but those of the longest common sequence. Of bytes none are counted. */
function lineChanges(before: string, after: string): { additions: number; deletions: number } {
  if (`${before}${after}`.includes('\0')) return { additions: 0, deletions: 0 }
  const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const [old, fresh] = [linesOf(before), linesOf(after)]
  let row = new Array<number>(fresh.length + 1).fill(0)
  for (const line of old) {
    const next = [0]
    fresh.forEach((other, i) => {
      next.push(line === other ? (row[i] as number) + 1 : Math.max(row[i + 1] as number, next[i] as number))
    })
    row = next
  }
  const common = row[fresh.length] as number
  return { additions: fresh.length - common, deletions: old.length - common }
}

/** A tree object: names in git's order, where a folder sorts as if it ended with a slash. */
function treeBytes(files: Map<string, File>, inner: (files: Map<string, File>) => string): Buffer {
  const folders = new Map<string, Map<string, File>>()
  const rows: { key: string; name: string; mode: string; sha: string }[] = []
  for (const [path, file] of files) {
    const slash = path.indexOf('/')
    if (slash < 0) rows.push({ key: path, name: path, ...file })
    else {
      const folder = path.slice(0, slash)
      folders.set(folder, (folders.get(folder) ?? new Map()).set(path.slice(slash + 1), file))
    }
  }
  for (const [name, held] of folders) rows.push({ key: `${name}/`, name, mode: '40000', sha: inner(held) })
  rows.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  return Buffer.concat(
    rows.flatMap(({ mode, name, sha }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, 'hex')]),
  )
}

import { type ChildProcess, spawn } from 'node:child_process'
import { ToolError, UsageError } from '../core/errors.ts'
import { failed, gitEnvironment } from './git-environment.ts'

/** An object's bytes; null when git does not have it. */
type GitObject = { oid: string; type: 'blob' | 'tree' | 'commit' | 'tag'; bytes: Buffer }

/** Objects of one repository, read by one process however many are asked for. */
export type GitObjects = {
  root: string
  /** Each of the names (ids, or revisions in git's own words) as an object, in order. */
  read: (names: readonly string[]) => Promise<(GitObject | null)[]>
  /** What a commit holds at and below these paths, files only; one process. */
  list: (commit: string, paths: readonly string[]) => Promise<GitEntry[]>
  close: () => void
}
export type GitEntry = { path: string; mode: string; oid: string }

const largest = 1 << 30

/** Opens a repository's objects; the process starts with the first question and ends with `close`. */
export function openGitObjects(root: string): GitObjects {
  let batch: Batch | null = null
  return {
    root,
    read: async (names) => {
      if (names.length === 0) return []
      batch ??= startBatch(root)
      return batch.read(names)
    },
    list: async (commit, paths) => {
      const output = await gitOutput(root, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths])
      return entriesOf(output)
    },
    close: () => batch?.stop(),
  }
}

/** What one git command writes; a failure is our error. */
export function gitOutput(root: string, args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.fsmonitor=false', ...args], options(root))
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout?.on('data', (chunk: Buffer) => void out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => void err.push(chunk))
    child.on('error', (cause) => reject(failed(args, cause)))
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out))
      else reject(failed(args, new Error(Buffer.concat(err).toString('utf8') || `exit code ${code}`)))
    })
  })
}

const options = (cwd: string) => ({ cwd, env: gitEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] as 'pipe'[] })

/** Entries of `ls-tree -z`: six digits of mode, type and id, a tab, the path. */
function entriesOf(output: Buffer): GitEntry[] {
  const entries: GitEntry[] = []
  const text = output.toString('utf8')
  for (let at = 0; at < text.length; ) {
    const tab = text.indexOf('\t', at)
    const end = text.indexOf('\0', tab)
    const oid = text.slice(text.lastIndexOf(' ', tab) + 1, tab)
    entries.push({ path: text.slice(tab + 1, end), mode: text.slice(at, at + 6), oid })
    at = end + 1
  }
  return entries
}

type Batch = { read: (names: readonly string[]) => Promise<(GitObject | null)[]>; stop: () => void }
type Waiting = {
  left: number
  found: (GitObject | null)[]
  done: (found: (GitObject | null)[]) => void
  fail: (error: Error) => void
}

/** `git cat-file --batch`: a name a line in, a header and the bytes out, in the same order. */
function startBatch(root: string): Batch {
  const child: ChildProcess = spawn('git', ['cat-file', '--batch'], options(root))
  const waiting: Waiting[] = []
  let chunks: Buffer[] = []
  let held = 0
  let needed = 1
  let tail = ''
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    for (const one of waiting.splice(0)) one.fail(error)
  }
  child.on('error', (cause) => end(failed(['cat-file', '--batch'], cause)))
  child.on('close', () => end(new ToolError('git stopped early', { command: 'git cat-file --batch', tail })))
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-2000)
  })
  child.stdin?.on('error', () => {})
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    held += chunk.length
    // A large object comes in many chunks: they are joined once, when it is whole.
    if (held < needed) return
    const all = chunks.length === 1 ? chunk : Buffer.concat(chunks, held)
    const rest = take(all)
    chunks = rest.length > 0 ? [rest] : []
    held = rest.length
  })
  const take = (all: Buffer): Buffer => {
    let at = 0
    for (;;) {
      const newline = all.indexOf(10, at)
      needed = all.length - at + 1
      if (newline < 0) return all.subarray(at)
      const header = all.toString('latin1', at, newline)
      const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(header)
      const size = match ? Number(match[3]) : -1
      if (size > largest) {
        end(new UsageError(`an object of ${size} bytes is too large to be read`, { where: match?.[1] }))
        child.kill()
        return Buffer.alloc(0)
      }
      const next = newline + 1 + (match ? size + 1 : 0)
      if (next > all.length) {
        needed = next - at
        return all.subarray(at)
      }
      give(match ? objectOf(match, all.subarray(newline + 1, next - 1)) : null)
      at = next
    }
  }
  const give = (object: GitObject | null) => {
    const first = waiting[0]
    if (!first) return
    first.found.push(object)
    if (--first.left > 0) return
    waiting.shift()
    first.done(first.found)
  }
  return {
    read: (names) =>
      new Promise((done, fail) => {
        if (ended) return fail(ended)
        const bad = names.find((name) => /[\r\n\0]/.test(name) || name.startsWith('-'))
        if (bad !== undefined) return fail(new UsageError(`${JSON.stringify(bad)} names nothing in git`))
        waiting.push({ left: names.length, found: [], done, fail })
        child.stdin?.write(`${names.join('\n')}\n`)
      }),
    stop: () => {
      child.stdin?.end()
      child.kill()
    },
  }
}

function objectOf(match: RegExpExecArray, bytes: Buffer): GitObject {
  return { oid: match[1] as string, type: match[2] as GitObject['type'], bytes }
}

/** Entries of one tree object, not of those below. */
export function treeEntries(bytes: Buffer, idBytes: number): (GitEntry & { folder: boolean })[] {
  const entries: (GitEntry & { folder: boolean })[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const nul = bytes.indexOf(0, space)
    const mode = bytes.toString('latin1', at, space)
    const oid = bytes.subarray(nul + 1, nul + 1 + idBytes).toString('hex')
    entries.push({ path: bytes.toString('utf8', space + 1, nul), mode, oid, folder: mode === '40000' })
    at = nul + 1 + idBytes
  }
  return entries
}

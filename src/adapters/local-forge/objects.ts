import type { components } from '@octokit/openapi-types'
import { gitCommit } from './commit-shape.ts'
import { type Context, created, invalid, notFound, ok, type Reply, type Route, refuse, textOf } from './http.ts'
import type { TreeEntry } from './repository.ts'

const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value)

async function makeBlob({ git, body, repo }: Context): Promise<Reply> {
  const { content, encoding = 'utf-8' } = body
  if (typeof content !== 'string') return invalid('Blob', 'content', 'missing_field')
  if (encoding !== 'utf-8' && encoding !== 'base64') return invalid('Blob', 'encoding', 'invalid')
  const sha = await git.makeBlob(Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'))
  return created({ sha, url: `${repo}/git/blobs/${sha}` } satisfies components['schemas']['short-blob'])
}

async function makeTree(context: Context): Promise<Reply> {
  const { git, body, repo } = context
  const base = textOf(body.base_tree)
  if (base !== null && !['tree', 'commit'].includes((await git.typeOf(base)) ?? '')) {
    return refuse(422, 'base_tree is not a valid tree oid')
  }
  if (!Array.isArray(body.tree) || body.tree.length === 0) return refuse(422, 'Invalid tree info')
  const entries: TreeEntry[] = []
  for (const entry of body.tree as Record<string, unknown>[]) {
    const path = textOf(entry.path) ?? ''
    if (path === '' || path.startsWith('/') || path.split('/').some((part) => ['', '.', '..', '.git'].includes(part))) {
      return refuse(422, 'tree.path contains a malformed path component')
    }
    if (entry.mode !== '100644' && entry.mode !== '100755') return refuse(422, 'Must supply a valid tree.mode')
    const content = textOf(entry.content)
    if (content === null && entry.sha !== null && !(isId(entry.sha) && (await git.typeOf(entry.sha)) === 'blob')) {
      return refuse(422, `tree.sha ${String(entry.sha)} is not a valid blob`)
    }
    const sha = content === null ? (entry.sha as string | null) : await git.makeBlob(Buffer.from(content))
    entries.push({ path, mode: entry.mode, sha })
  }
  const sha = await git.makeTree(base, entries)
  if (sha === null) return refuse(422, 'GitRPC::BadObjectState')
  return created({ sha, url: `${repo}/git/trees/${sha}`, tree: [], truncated: false })
}

async function makeCommit(context: Context): Promise<Reply> {
  const { git, body, now } = context
  const message = textOf(body.message)
  if (message === null) return invalid('Commit', 'message', 'missing_field')
  const parents = Array.isArray(body.parents) ? body.parents : []
  if (!isId(body.tree) || (await git.typeOf(body.tree)) !== 'tree') return refuse(422, 'Tree SHA does not exist')
  for (const parent of parents) {
    if (!isId(parent) || (await git.typeOf(parent)) !== 'commit') return refuse(422, 'Parent SHA does not exist')
  }
  const person = (value: unknown) => {
    const { name, email, date } = (value ?? {}) as Record<string, unknown>
    return {
      name: textOf(name) ?? context.author,
      email: textOf(email) ?? 'forge@localhost',
      date: textOf(date) ?? now(),
    }
  }
  const author = person(body.author)
  const signed = { author, committer: body.committer === undefined ? author : person(body.committer) }
  const sha = await git.commitTree(body.tree, parents as string[], message, signed)
  return created(await gitCommit(sha, context))
}

export const objectRoutes: Route[] = [
  ['POST', /^\/git\/blobs$/, makeBlob],
  ['POST', /^\/git\/trees$/, makeTree],
  ['POST', /^\/git\/commits$/, makeCommit],
  [
    'GET',
    /^\/git\/commits\/([0-9a-f]{40,64})$/,
    async (context) => {
      const [sha = ''] = context.params
      return (await context.git.typeOf(sha)) === 'commit' ? ok(await gitCommit(sha, context)) : notFound()
    },
  ],
]

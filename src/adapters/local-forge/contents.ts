import type { components } from '@octokit/openapi-types'
import { type Context, notFound, ok, type Reply, type Route, refuse } from './http.ts'

/** A file of a commit; of a folder nobody has asked yet. */
async function read(context: Context): Promise<Reply> {
  const { git, query, repo, page, branch } = context
  const path = decodeURIComponent(context.params[0] as string)
  const ref = query.get('ref') ?? branch
  const commit = (await git.branchOf(ref)) ?? (await git.commitOf(ref))
  if (!commit) return refuse(404, `No commit found for the ref ${ref}`)
  const sha = await git.objectOf(`${commit}:${path}`)
  const bytes = sha === null ? null : await git.readBlob(sha)
  if (sha === null || bytes === null) return notFound()
  const url = `${repo}/contents/${context.params[0]}?ref=${encodeURIComponent(ref)}`
  const git_url = `${repo}/git/blobs/${sha}`
  const html_url = `${page}/blob/${encodeURIComponent(ref)}/${context.params[0]}`
  const body: components['schemas']['content-file'] = {
    type: 'file',
    encoding: 'base64',
    size: bytes.length,
    name: path.split('/').at(-1) ?? path,
    path,
    content: Buffer.from(bytes).toString('base64'),
    sha,
    url,
    git_url,
    html_url,
    download_url: `${page}/raw/${encodeURIComponent(ref)}/${context.params[0]}`,
    _links: { self: url, git: git_url, html: html_url },
  }
  return ok(body)
}

export const contentRoutes: Route[] = [['GET', /^\/contents\/(.+)$/, read]]

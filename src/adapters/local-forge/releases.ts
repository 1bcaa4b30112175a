import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, textOf } from './http.ts'
import { userOf } from './shapes.ts'
import type { Release } from './state.ts'

function shapeOf(release: Release, context: Context): components['schemas']['release'] {
  const url = `${context.repo}/releases/${release.id}`
  return {
    id: release.id,
    node_id: Buffer.from(`release:${release.id}`).toString('base64'),
    url,
    html_url: `${context.page}/releases/tag/${encodeURIComponent(release.tag)}`,
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    tarball_url: `${context.repo}/tarball/${release.tag}`,
    zipball_url: `${context.repo}/zipball/${release.tag}`,
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    created_at: release.createdAt,
    published_at: release.publishedAt,
    author: userOf(release.author, context.api),
    assets: [],
  }
}

async function create(context: Context): Promise<Reply> {
  const { state, body, git } = context
  const tag = textOf(body.tag_name)
  if (!tag) return invalid('Release', 'tag_name', 'missing_field')
  if (!(await git.validRef(`refs/tags/${tag}`))) return invalid('Release', 'tag_name', 'invalid')
  const draft = body.draft === true
  if (!draft && state.releases.some((release) => release.tag === tag && !release.draft)) {
    return invalid('Release', 'tag_name', 'already_exists')
  }
  const target = textOf(body.target_commitish) ?? 'HEAD'
  if (!draft && !(await git.objectOf(`refs/tags/${tag}`))) {
    // As on GitHub, a release of a tag that is not there makes a lightweight one, which GTO does not see.
    const sha = (await git.branchOf(target)) ?? (await git.commitOf(target))
    if (!sha) return invalid('Release', 'target_commitish', 'invalid')
    await git.createRef(`refs/tags/${tag}`, sha)
  }
  const at = context.now()
  const release: Release = {
    id: context.id(),
    tag,
    target,
    name: textOf(body.name),
    body: textOf(body.body),
    draft,
    prerelease: body.prerelease === true,
    author: context.author,
    createdAt: at,
    publishedAt: draft ? null : at,
  }
  state.releases.push(release)
  return created(shapeOf(release, context))
}

function byTag(context: Context): Reply {
  const tag = decodeURIComponent(context.params[0] as string)
  const found = context.state.releases.find((release) => release.tag === tag && !release.draft)
  return found ? ok(shapeOf(found, context)) : notFound()
}

function byId(context: Context): Reply {
  const found = context.state.releases.find((release) => release.id === Number(context.params[0]))
  return found ? ok(shapeOf(found, context)) : notFound()
}

export const releaseRoutes: Route[] = [
  ['POST', /^\/releases$/, create],
  [
    'GET',
    /^\/releases$/,
    (context) => {
      const shapes = context.state.releases.toReversed().map((release) => shapeOf(release, context))
      return paged(context, `${context.repo}/releases`, shapes)
    },
  ],
  ['GET', /^\/releases\/tags\/(.+)$/, byTag],
  ['GET', /^\/releases\/(\d+)$/, byId],
]

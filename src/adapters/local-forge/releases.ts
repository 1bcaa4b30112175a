import type { components } from '@octokit/openapi-types'
import { assetShape, assetsOf } from './assets.ts'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
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
    assets: assetsOf(context, release.id).map((asset) => assetShape(asset, context)),
  }
}

async function create(context: Context): Promise<Reply> {
  const { state, body, git } = context
  const tag = textOf(body.tag_name)
  if (!tag) return invalid('Release', 'tag_name', 'missing_field')
  if (!(await git.validRef(`refs/tags/${tag}`))) return invalid('Release', 'tag_name', 'invalid')
  const release: Release = {
    id: context.id(),
    tag,
    target: textOf(body.target_commitish) ?? 'HEAD',
    name: textOf(body.name),
    body: textOf(body.body),
    draft: true,
    prerelease: body.prerelease === true,
    author: context.author,
    createdAt: context.now(),
    publishedAt: null,
  }
  const refused = body.draft === true ? null : await publish(context, release)
  if (refused) return refused
  state.releases.push(release)
  return created(shapeOf(release, context))
}

/** Makes a draft public; the reply that refuses it, or null. */
async function publish({ state, git, now }: Context, release: Release): Promise<Reply | null> {
  if (state.releases.some((other) => other.tag === release.tag && !other.draft)) {
    return invalid('Release', 'tag_name', 'already_exists')
  }
  if (!(await git.objectOf(`refs/tags/${release.tag}`))) {
    // As on GitHub, a release of a tag that is not there makes a lightweight one, which GTO does not see.
    const sha = (await git.branchOf(release.target)) ?? (await git.commitOf(release.target))
    if (!sha) return invalid('Release', 'target_commitish', 'invalid')
    await git.createRef(`refs/tags/${release.tag}`, sha)
  }
  Object.assign(release, { draft: false, publishedAt: now() })
  return null
}

const held = ({ state, params }: Context) => state.releases.find(({ id }) => String(id) === params[0])

async function change(context: Context): Promise<Reply> {
  const release = held(context)
  if (!release) return notFound()
  const { body } = context
  const frozen =
    !release.draft && context.state.settings.immutableReleases && (body.tag_name !== undefined || body.draft === true)
  if (frozen) return refuse(422, 'Cannot change an immutable release.')
  const refused = release.draft && body.draft === false ? await publish(context, release) : null
  if (refused) return refused
  release.name = textOf(body.name) ?? release.name
  release.body = textOf(body.body) ?? release.body
  return ok(shapeOf(release, context))
}

function remove(context: Context): Reply {
  const release = held(context)
  if (!release) return notFound()
  context.state.releases = context.state.releases.filter((other) => other !== release)
  context.state.assets = context.state.assets.filter((asset) => asset.release !== release.id)
  return { status: 204 }
}

function byTag(context: Context): Reply {
  const tag = decodeURIComponent(context.params[0] as string)
  const found = context.state.releases.find((release) => release.tag === tag && !release.draft)
  return found ? ok(shapeOf(found, context)) : notFound()
}

function byId(context: Context): Reply {
  const found = held(context)
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
  ['PATCH', /^\/releases\/(\d+)$/, change],
  ['DELETE', /^\/releases\/(\d+)$/, remove],
]

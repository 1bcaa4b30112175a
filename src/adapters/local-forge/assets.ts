import { createHash } from 'node:crypto'
import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse } from './http.ts'
import { userOf } from './shapes.ts'
import type { Asset } from './state.ts'

export function assetShape(asset: Asset, context: Context): components['schemas']['release-asset'] {
  const url = `${context.repo}/releases/assets/${asset.id}`
  return {
    id: asset.id,
    node_id: Buffer.from(`asset:${asset.id}`).toString('base64'),
    url,
    browser_download_url: `${context.page}/releases/download/${asset.release}/${encodeURIComponent(asset.name)}`,
    name: asset.name,
    label: null,
    state: asset.state,
    content_type: asset.type,
    size: asset.size,
    digest: asset.digest,
    download_count: 0,
    created_at: asset.createdAt,
    updated_at: asset.createdAt,
    uploader: userOf(asset.author, context.api),
  }
}

export const assetsOf = (context: Context, release: number): Asset[] =>
  context.state.assets.filter((asset) => asset.release === release)

function upload(context: Context): Reply {
  const { state, params, query, bytes, author } = context
  const release = state.releases.find(({ id }) => String(id) === params[0])
  if (!release) return notFound()
  if (!release.draft && state.settings.immutableReleases)
    return refuse(422, 'Cannot upload assets to an immutable release.')
  const name = query.get('name')
  if (!name || !bytes) return invalid('ReleaseAsset', 'name', 'missing_field')
  if (assetsOf(context, release.id).some((asset) => asset.name === name)) {
    return invalid('ReleaseAsset', 'name', 'already_exists')
  }
  const broken = context.fault === 'broken-upload'
  const asset: Asset = {
    id: context.id(),
    release: release.id,
    name,
    type: context.contentType ?? 'application/octet-stream',
    state: broken ? 'open' : 'uploaded',
    size: broken ? 0 : bytes.length,
    digest: broken ? null : `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    author,
    createdAt: context.now(),
  }
  if (!broken) context.blobs.put(`asset-${asset.id}`, bytes)
  state.assets.push(asset)
  return broken ? refuse(502, 'Server Error') : created(assetShape(asset, context))
}

function one(context: Context): Reply {
  const asset = context.state.assets.find(({ id }) => String(id) === context.params[0])
  if (!asset) return notFound()
  const bytes = context.accept === 'application/octet-stream' ? context.blobs.get(`asset-${asset.id}`) : null
  if (bytes) return { status: 200, raw: Buffer.from(bytes), headers: { 'content-type': 'application/octet-stream' } }
  return ok(assetShape(asset, context))
}

function remove(context: Context): Reply {
  const { state, params } = context
  const asset = state.assets.find(({ id }) => String(id) === params[0])
  if (!asset) return notFound()
  const frozen = state.releases.some(({ id, draft }) => id === asset.release && !draft)
  if (frozen && state.settings.immutableReleases) {
    return refuse(422, 'Cannot delete asset from an immutable release.')
  }
  state.assets = state.assets.filter((other) => other !== asset)
  return { status: 204 }
}

export const assetRoutes: Route[] = [
  ['POST', /^\/releases\/(\d+)\/assets$/, upload],
  [
    'GET',
    /^\/releases\/(\d+)\/assets$/,
    (context) => {
      const release = Number(context.params[0])
      const shapes = assetsOf(context, release).map((asset) => assetShape(asset, context))
      return paged(context, `${context.repo}/releases/${release}/assets`, shapes)
    },
  ],
  ['GET', /^\/releases\/assets\/(\d+)$/, one],
  ['DELETE', /^\/releases\/assets\/(\d+)$/, remove],
]

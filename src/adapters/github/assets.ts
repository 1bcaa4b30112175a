import { sha256 } from '../../core/documents/define.ts'
import { ToolError } from '../../core/errors.ts'
import type { ReleaseAsset } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'

/** What a release says of an asset; older servers give no digest. */
export type HeldAsset = { id: number; name: string; size: number; state: string; digest: string | null }
type Draft = { id: number; uploadUrl: string; assets: HeldAsset[] }

/** Uploads what a draft lacks, in place of what broke; ToolError when the draft is not whole afterwards. */
export async function ensureAssets(client: Client, draft: Draft, assets: readonly ReleaseAsset[]): Promise<void> {
  const wrong = await unsound(client, draft.assets, assets)
  const foreign = draft.assets.filter(({ name }) => !assets.some((asset) => asset.name === name))
  const broken = draft.assets.filter(({ name }) => wrong.some((asset) => asset.name === name))
  for (const { id, name } of [...foreign, ...broken]) await deleteAsset(client, id, name)
  for (const asset of wrong) await upload(client, draft, asset)
  if (wrong.length === 0 && foreign.length === 0) return
  let still: readonly ReleaseAsset[] = assets
  const whole = await client.lookPatiently(async () => {
    const now = await list(client, draft.id)
    still = await unsound(client, now, assets)
    return still.length === 0 && now.length === assets.length ? true : null
  })
  if (whole) return
  throw new ToolError(`the draft lacks ${still.map(({ name }) => name).join(', ') || 'what it should hold'}`, {
    mend: 'run it again: what is there is kept',
  })
}

/** Those assets that are not there whole, with the same bytes. */
export async function unsound(
  client: Client,
  held: readonly HeldAsset[],
  assets: readonly ReleaseAsset[],
): Promise<ReleaseAsset[]> {
  const wrong: ReleaseAsset[] = []
  for (const asset of assets) {
    const found = held.find(({ name }) => name === asset.name)
    if (!found || !(await holds(client, found, asset))) wrong.push(asset)
  }
  return wrong
}

async function holds(client: Client, held: HeldAsset, asset: ReleaseAsset): Promise<boolean> {
  if (held.state !== 'uploaded' || held.size !== asset.bytes.length) return false
  const wanted = sha256(asset.bytes)
  if (held.digest !== null) return held.digest === `sha256:${wanted}`
  const { data } = await client.read(`fetch ${asset.name} back`, (octokit) =>
    octokit.rest.repos.getReleaseAsset({
      owner: client.owner,
      repo: client.repo,
      asset_id: held.id,
      headers: { accept: 'application/octet-stream' },
    }),
  )
  return sha256(new Uint8Array(data as unknown as ArrayBuffer)) === wanted
}

async function list(client: Client, release_id: number): Promise<HeldAsset[]> {
  const all = await client.read('list the assets of the draft', (octokit) =>
    octokit.paginate(octokit.rest.repos.listReleaseAssets, {
      owner: client.owner,
      repo: client.repo,
      release_id,
      per_page: 100,
    }),
  )
  return all.map(({ id, name, size, state, digest = null }) => ({ id, name, size, state, digest }))
}

async function deleteAsset(client: Client, asset_id: number, name: string): Promise<void> {
  await client.put('asset.delete', `remove the broken asset ${name}`, (octokit) =>
    octokit.rest.repos
      .deleteReleaseAsset({ owner: client.owner, repo: client.repo, asset_id })
      .catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error
      }),
  )
}

/** A failed upload can leave a broken asset under the name: it is removed before the next try. */
async function upload(client: Client, draft: Draft, asset: ReleaseAsset): Promise<void> {
  await client.create(
    'asset.upload',
    `upload ${asset.name}`,
    async (octokit) => {
      await octokit.request({
        method: 'POST',
        url: draft.uploadUrl,
        name: asset.name,
        headers: { 'content-type': asset.type },
        data: asset.bytes,
      })
      return true
    },
    async () => {
      const found = (await list(client, draft.id)).find(({ name }) => name === asset.name)
      if (!found) return null
      if (await holds(client, found, asset)) return true
      await deleteAsset(client, found.id, asset.name)
      return null
    },
  )
}

import { canonicalJson, sha256 } from '../../core/documents/define.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { Forge, ReleaseAsset } from '../../ports.ts'
import { ensureAssets, type HeldAsset, unsound } from './assets.ts'
import { type Client, statusOf } from './client.ts'
import { refOf } from './tag.ts'

type Wanted = { tag: string; name: string; body: string; assets: ReleaseAsset[] }
type HeldRelease = {
  id: number
  url: string
  tag: string
  body: string
  draft: boolean
  uploadUrl: string
  assets: HeldAsset[]
}

/**
 * A release of a tag: a draft that only this content has (its marker says so), all assets, and only then published,
 * once. Published, it is compared and never touched.
 */
export function createReleaseWith(client: Client): Forge['createRelease'] {
  const at = { owner: client.owner, repo: client.repo }
  return async ({ tag, name, body, assets = [] }) => {
    const wanted: Wanted = { tag, name, body: `${body.trim()}\n\n${markerOf({ tag, name, body, assets })}`, assets }
    const there = await published(client, wanted)
    if (there) return tidied(client, wanted, there)
    // GitHub would make a lightweight tag on whatever the branch is at.
    if ((await refOf(client, `tags/${tag}`)) === null) {
      throw new UsageError(`there is no tag ${tag} to release`, { mend: 'tag first: a release names what is tagged' })
    }
    const draft = await theDraft(client, wanted)
    try {
      await ensureAssets(client, draft, assets)
    } catch (error) {
      // Another run published its draft of the same content and removed this one.
      const meanwhile = await published(client, wanted)
      if (meanwhile) return tidied(client, wanted, meanwhile)
      throw error
    }
    await client.put('release.publish', `publish the release ${tag}`, (octokit) =>
      octokit.rest.repos.updateRelease({ ...at, release_id: draft.id, draft: false }).catch((error: unknown) => {
        // Another run published its draft of the same content first: what stands there decides.
        if (![404, 422].includes(statusOf(error) ?? 0)) throw error
      }),
    )
    const done = await published(client, wanted)
    if (done) return tidied(client, wanted, done)
    throw new ToolError(`the release ${tag} was published but is not there`, { mend: 'run it again' })
  }
}

function markerOf({ tag, name, body, assets }: Wanted): string {
  const files = assets.map((asset) => [asset.name, sha256(asset.bytes)])
  return `<!-- sluice:release ${sha256(canonicalJson([tag, name, body.trim(), files])).slice(0, 32)} -->`
}

/** The published release when it is the wanted one; ToolError when it is another. */
async function published(client: Client, wanted: Wanted): Promise<{ id: number; url: string } | null> {
  const { tag, body, assets } = wanted
  const found = await client.read(`look for the release ${tag}`, async (octokit) => {
    try {
      const { data } = await octokit.rest.repos.getReleaseByTag({ owner: client.owner, repo: client.repo, tag })
      return heldOf(data)
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  })
  if (!found) return null
  const sound = found.body.replaceAll('\r\n', '\n').trim() === body && found.assets.length === assets.length
  const wrong = sound ? await unsound(client, found.assets, assets) : assets
  if (sound && wrong.length === 0) return { id: found.id, url: found.url }
  throw new ToolError(`the release ${tag} exists and says something else`, {
    mend: 'a release is never rewritten: take the next version',
  })
}

/**
 * The draft of this content, made when there is none; of doubles the oldest is filled. The others stay until one is
 * published: what a list that is behind still calls a draft may be public by now, and then nothing may delete it.
 */
async function theDraft(client: Client, wanted: Wanted): Promise<HeldRelease> {
  const at = { owner: client.owner, repo: client.repo }
  const { tag, name, body } = wanted
  const look = async (): Promise<HeldRelease | null> => (await drafts(client, wanted))[0] ?? null
  const held = await look()
  if (held) return held
  const made = await client.create(
    'draft.create',
    `draft the release ${tag}`,
    async (octokit) => {
      const { data } = await octokit.rest.repos.createRelease({ ...at, tag_name: tag, name, body, draft: true })
      return heldOf(data)
    },
    look,
  )
  return (await look()) ?? made
}

/** Drafts of this content, oldest first. */
async function drafts(client: Client, { tag, body }: Wanted): Promise<HeldRelease[]> {
  const marker = body.split('\n').at(-1)
  const all = await client.read('list the releases', (octokit) =>
    octokit.paginate(octokit.rest.repos.listReleases, { owner: client.owner, repo: client.repo, per_page: 100 }),
  )
  const isOurs = (release: (typeof all)[number]) =>
    release.draft && release.tag_name === tag && release.body?.trim().split(/\r?\n/).at(-1) === marker
  return all
    .filter(isOurs)
    .map(heldOf)
    .sort((a, b) => a.id - b.id)
}

/**
 * What is published, once no draft of it is left that a run beside this one, or one that was cut off, had begun. None of
 * them can be published any more: the tag has its release.
 */
async function tidied<T extends { id: number }>(client: Client, wanted: Wanted, done: T): Promise<T> {
  for (const draft of await drafts(client, wanted)) if (draft.id !== done.id) await deleteDraft(client, draft)
  return done
}

async function deleteDraft(client: Client, { id, tag }: HeldRelease): Promise<void> {
  await client.put('draft.delete', `delete the double draft of ${tag}`, (octokit) =>
    octokit.rest.repos
      .deleteRelease({ owner: client.owner, repo: client.repo, release_id: id })
      .catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error
      }),
  )
}

function heldOf(data: {
  id: number
  html_url: string
  tag_name: string
  body?: string | null
  draft: boolean
  upload_url: string
  assets: { id: number; name: string; size: number; state: string; digest?: string | null }[]
}): HeldRelease {
  const assets = data.assets.map(({ id, name, size, state, digest = null }) => ({ id, name, size, state, digest }))
  const { id, html_url: url, tag_name: tag, draft, upload_url: uploadUrl } = data
  return { id, url, tag, body: data.body ?? '', draft, uploadUrl, assets }
}

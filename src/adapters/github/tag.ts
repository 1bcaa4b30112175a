import { ToolError } from '../../core/errors.ts'
import type { Forge } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'

// The same as those of a tag that git itself makes for us.
const tagger = { name: 'sluice', email: 'sluice@localhost' }

/** The object that a ref names; null when there is no such ref. */
export async function refOf(client: Client, ref: string): Promise<{ sha: string; type: string } | null> {
  return client.read(`read ${ref}`, async (octokit) => {
    try {
      const { data } = await octokit.rest.git.getRef({ owner: client.owner, repo: client.repo, ref })
      return data.object
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  })
}

/** Annotated tags by the git data interface: what is there is compared, never moved. */
export function createTagWith(client: Client): Forge['createTag'] {
  const at = { owner: client.owner, repo: client.repo }
  return async ({ tag, sha, message, date }) => {
    const wanted = { tag, object: sha, message: message.trim(), ...tagger, time: Date.parse(date) }
    /** The tag as it stands, when it is the wanted one. */
    const look = async () => {
      const found = await refOf(client, `tags/${tag}`)
      if (found === null) return null
      if (found.type === 'tag' && (await says(found.sha))) return { sha: found.sha, created: false }
      throw new ToolError(`the tag ${tag} exists and says something else`, {
        mend: 'a tag is never moved: take the next version',
      })
    }
    const says = async (object: string) => {
      const { data } = await client.read(`read the tag ${tag}`, (octokit) =>
        octokit.rest.git.getTag({ ...at, tag_sha: object }),
      )
      const { name, email, date: tagged } = data.tagger
      const held = { tag: data.tag, object: data.object.sha, message: data.message.trim(), name, email }
      return JSON.stringify({ ...held, time: Date.parse(tagged) }) === JSON.stringify(wanted)
    }
    const there = await look()
    if (there) return there
    // The object's name is its content: making it twice makes one.
    const { data } = await client.put('tag.object', `make the tag object ${tag}`, (octokit) =>
      octokit.rest.git.createTag({
        ...at,
        tag,
        object: sha,
        message: message.trim(),
        type: 'commit',
        tagger: { ...tagger, date },
      }),
    )
    return client.create(
      'tag.ref',
      `create the tag ${tag}`,
      async (octokit) => {
        await octokit.rest.git.createRef({ ...at, ref: `refs/tags/${tag}`, sha: data.sha })
        return { sha: data.sha, created: true }
      },
      look,
    )
  }
}

import { ToolError } from '../../core/errors.ts'
import type { Forge } from '../../ports.ts'
import { type Client, statusOf } from './client.ts'
import { unpackSnappy } from './snappy.ts'

/** As many attestations of one file as are looked at, and bytes of one. */
const newest = 300
const largestBundle = 4 * 2 ** 20
const timeoutMs = 30_000

type Attestation = { bundle?: unknown; bundle_url?: string }

/** Bundles of the attestations that GitHub keeps of a file; where they stand at an address of their own, from there. */
export function attestationsOf(client: Client): Forge['attestations'] {
  const at = { owner: client.owner, repo: client.repo }
  return async (sha256) => {
    const found = await client.read(`list the attestations of ${sha256.slice(0, 12)}`, async (octokit) => {
      try {
        let count = 0
        const about = { ...at, subject_digest: `sha256:${sha256}`, per_page: 100 }
        return await octokit.paginate(octokit.rest.repos.listAttestations, about, ({ data }, done) => {
          // Octokit takes a list in an object for that list, but only where it says how many there are.
          const page = (data as unknown as { attestations?: Attestation[] }).attestations ?? []
          count += page.length
          if (count >= newest) done()
          return page
        })
      } catch (error) {
        // Nothing was ever attested there.
        if (statusOf(error) === 404) return []
        throw error
      }
    })
    const bundles: unknown[] = []
    for (const { bundle, bundle_url: address } of found.slice(0, newest)) {
      if (bundle) bundles.push(bundle)
      else if (address) {
        bundles.push(
          await client.read('fetch an attestation', (octokit) =>
            bundleAt(address, octokit.request.endpoint.DEFAULTS.baseUrl),
          ),
        )
      }
    }
    return bundles
  }
}

/** A bundle from GitHub's storage, which packs it and must not see our token. */
async function bundleAt(address: string, api: string): Promise<unknown> {
  const safe = address.startsWith('https://') || address.startsWith(`${api}/`)
  if (!safe) throw new ToolError('an attestation has no https address')
  const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
    throw Object.assign(new Error('the network failed'), { status: 500, cause })
  })
  if (!answer.ok) throw Object.assign(new Error(`status ${answer.status}`), { status: answer.status })
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > largestBundle) throw new ToolError(`an attestation has more than ${largestBundle} bytes`)
    parts.push(part)
  }
  const whole = Buffer.concat(parts)
  // A block of Snappy that begins as JSON does would have 123 bytes, fewer than any bundle.
  const text = Buffer.from(whole[0] === 0x7b ? whole : unpackSnappy(whole, largestBundle)).toString('utf8')
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new ToolError('an attestation is no JSON', { cause })
  }
}

import { documentId } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type ChannelBody, type ReleaseManifestBody, releaseManifest, rolloutState } from '../core/documents/release.ts'
import { manifestPath, type Placed } from '../core/rollout/channels.ts'
import { type RolledBack, refuseQuarantined, rolledBackBy, rolledBackIn } from '../core/rollout/quarantine.ts'
import type { Git } from '../ports.ts'

/** Refuses a release whose artefact did harm in a channel, as its history and the records of its rollouts at a base say. */
export async function refuseRolledBack(
  git: Pick<Git, 'show' | 'list'>,
  base: string,
  channel: string,
  now: ChannelBody | null,
  to: Placed,
  evidence: ReleaseManifestBody['evidence'],
): Promise<void> {
  const found = new Map<string, ReleaseManifestBody['evidence']>()
  const manifestOf = async (version: string) => {
    const path = manifestPath(to.model, version)
    const bytes = await git.show(base, path)
    if (bytes === null) return null
    const document = parseEvidence(releaseManifest, new TextDecoder().decode(bytes), path)
    const id = documentId(document)
    found.set(id, document.body.evidence)
    return id
  }
  const entries: RolledBack[] = rolledBackIn(now)
  for (const { version } of entries) await manifestOf(version)
  for (const path of await git.list(base, 'channels/rollouts')) {
    const bytes = path.endsWith('.json') ? await git.show(base, path) : null
    if (bytes === null) continue
    const { body } = parseEvidence(rolloutState, new TextDecoder().decode(bytes), path)
    const entry = body.channel === channel ? rolledBackBy(body) : null
    if (entry) entries.push({ ...entry, manifest: await manifestOf(entry.version) })
  }
  refuseQuarantined(entries, to, evidence, (id) => found.get(id ?? '') ?? null)
}

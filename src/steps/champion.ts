import { documentId } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type ReleaseManifestBody, releaseManifest } from '../core/documents/release.ts'
import { EvidenceError } from '../core/errors.ts'
import { manifestPath } from '../core/rollout/channels.ts'
import type { Git } from '../ports.ts'
import { readChannel } from './promote.ts'

/** What a channel runs: the digest of its artefact, and the manifest that the channel names. */
export type Champion = { artifact: string; manifest: ReleaseManifestBody }

/** What runs in an environment, as a revision has it; null before the first promotion. */
export async function championOf(git: Pick<Git, 'show'>, revision: string, channel: string): Promise<Champion | null> {
  const now = await readChannel(git, revision, channel)
  if (now === null) return null
  const file = manifestPath(now.model, now.version)
  const bytes = await git.show(revision, file)
  if (bytes === null) {
    throw new EvidenceError(`the manifest of the champion ${now.version} is not there`, {
      reason: 'absent',
      where: file,
      mend: 'a promotion commits it beside the channel: bring it back from that commit',
    })
  }
  const manifest = parseEvidence(releaseManifest, new TextDecoder().decode(bytes), file)
  if (documentId(manifest) !== now.manifest) {
    throw new EvidenceError(`this is another manifest than the channel ${channel} names`, {
      reason: 'other-subject',
      where: file,
      mend: 'bring back the one that the promotion committed',
    })
  }
  return { artifact: now.artifact, manifest: manifest.body }
}

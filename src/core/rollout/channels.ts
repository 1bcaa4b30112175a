import { stringify } from 'yaml'
import type { ChannelBody } from '../documents/release.ts'
import { UsageError } from '../errors.ts'

/** A release as a channel names it: version, manifest id, digests of artefact and evidence bundle. */
export type Placed = { model: string; version: string; manifest: string; artifact: string; bundle?: string }

const undone = 'rolled back: '

/** Whether a reason in a channel's history says that the release was rolled back. */
export const wasRolledBack = (reason: string) => reason.startsWith(undone)

/** The channel with another release in it, the present one first in its history; null when it is there already. */
export function moveChannel(channel: string, now: ChannelBody | null, to: Placed, reason: string): ChannelBody | null {
  if (now === null) return { channel, ...to, history: [] }
  if (now.model !== to.model) {
    throw new UsageError(`channel ${channel} serves ${now.model}, not ${to.model}`, { mend: 'name another channel' })
  }
  if (now.version === to.version && now.manifest === to.manifest && now.artifact === to.artifact) {
    // The same release, whose evidence is now named, is no other release.
    return to.bundle === undefined || to.bundle === now.bundle ? null : { ...now, bundle: to.bundle }
  }
  return { channel, ...to, history: [{ ...placeOf(now), reason }, ...now.history] }
}

/** What a channel says of the release in it, without model and history. */
function placeOf({ version, manifest, artifact, bundle }: Omit<Placed, 'model'>): Omit<Placed, 'model'> {
  return { version, manifest, artifact, ...(bundle === undefined ? {} : { bundle }) }
}

/** The channel with the release before the present one, which stays in the history, marked, so that no rollback returns to it. */
export function restoreChannel(now: ChannelBody, reason: string): ChannelBody {
  const index = now.history.findIndex((entry) => !wasRolledBack(entry.reason) && entry.artifact !== undefined)
  const target = now.history[index]
  if (target?.artifact === undefined) {
    throw new UsageError(`channel ${now.channel} has no earlier release to go back to`, {
      mend: 'promote a good release instead',
    })
  }
  const history = [{ ...placeOf(now), reason: undone + reason }, ...now.history.filter((_, i) => i !== index)]
  const back = placeOf({ ...target, artifact: target.artifact })
  return { channel: now.channel, model: now.model, ...back, history }
}

/** A channel's file. */
export function channelYaml(body: ChannelBody): string {
  return `# What runs in ${body.channel}; changed only by promotion and rollback.\n${stringify(body, { lineWidth: 0 })}`
}

export const channelPath = (channel: string) => `channels/${channel}.yaml`

export const manifestPath = (model: string, version: string) => `channels/releases/${model}/${version}.json`

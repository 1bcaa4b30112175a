import { stringify } from 'yaml'
import type { ChannelBody } from '../documents/release.ts'
import { UsageError } from '../errors.ts'

/** A release as a channel names it: version, manifest id, artefact digest. */
export type Placed = { model: string; version: string; manifest: string; artifact: string }

const undone = 'rolled back: '

/** Whether a reason in a channel's history says that the release was rolled back. */
export const wasRolledBack = (reason: string) => reason.startsWith(undone)

/** The channel with another release in it, the present one first in its history; null when it is there already. */
export function moveChannel(channel: string, now: ChannelBody | null, to: Placed, reason: string): ChannelBody | null {
  if (now === null) return { channel, ...to, history: [] }
  if (now.model !== to.model) {
    throw new UsageError(`channel ${channel} serves ${now.model}, not ${to.model}`, { mend: 'name another channel' })
  }
  if (now.version === to.version && now.manifest === to.manifest && now.artifact === to.artifact) return null
  const { version, manifest, artifact } = now
  return { channel, ...to, history: [{ version, manifest, artifact, reason }, ...now.history] }
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
  const { version, manifest, artifact } = now
  const history = [
    { version, manifest, artifact, reason: undone + reason },
    ...now.history.filter((_, i) => i !== index),
  ]
  return {
    channel: now.channel,
    model: now.model,
    version: target.version,
    manifest: target.manifest,
    artifact: target.artifact,
    history,
  }
}

/** A channel's file. */
export function channelYaml(body: ChannelBody): string {
  return `# What runs in ${body.channel}; changed only by promotion and rollback.\n${stringify(body, { lineWidth: 0 })}`
}

export const channelPath = (channel: string) => `channels/${channel}.yaml`

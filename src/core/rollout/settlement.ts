import { type ChannelBody, rolloutState } from '../documents/release.ts'
import { channelPath, channelYaml, restoreChannel } from './channels.ts'
import type { Effect, RolloutState } from './machine.ts'

/** What the end of a rollout writes into git: one commit, and the stage's tag where the channel names who has it. */
export type Settlement = {
  message: string
  files: Record<string, string>
  stage: { model: string; version: string; message: string } | null
}

/** The end of a rollout of a channel as it is now: its record always, and the channel put back when harm was done. */
export function settlementOf(now: ChannelBody | null, effect: Effect, state: RolloutState): Settlement {
  const { channel, challenger, champion } = state
  const files = { [recordPath(channel, challenger)]: recordOf(state) }
  // A release that differs in its preprocessing alone has the same artefact: the version tells them apart.
  const named = now !== null && now.artifact === state.artifacts.challenger && now.version === challenger
  if (effect.type !== 'rollback') {
    const message = `${challenger} takes all traffic of ${channel}\n\n${effect.reason}`
    return { message, files, stage: named ? stageOf(now, effect.reason) : null }
  }
  if (!named) {
    return {
      message: `Rolled ${challenger} back, ${champion} stays in ${channel}\n\n${effect.reason}`,
      files,
      // Cut off before its tag, this is called again when the channel is back already.
      stage:
        now?.artifact === state.artifacts.champion && now.version === champion ? stageOf(now, effect.reason) : null,
    }
  }
  const next = restoreChannel(now, effect.reason)
  return {
    message: `Roll ${channel} back from ${now.model} ${now.version} to ${next.version}\n\n${effect.reason}`,
    files: { [channelPath(channel)]: channelYaml(next), ...files },
    stage: stageOf(next, effect.reason),
  }
}

/** The tag that gives its stage to what a channel names. */
export function stageOf(
  { model, version, channel, manifest }: ChannelBody,
  reason: string,
): Settlement['stage'] & object {
  const title = stageTitle({ model, version, channel })
  return { model, version, message: `${title}\n\n${reason}\n\nsluice-manifest: ${manifest}` }
}

/** First line of a stage tag's message: who got the stage. */
export const stageTitle = ({ model, version, channel }: Pick<ChannelBody, 'model' | 'version' | 'channel'>) =>
  `${model} ${version} in ${channel}`

/** Where the record of a release's rollout lies. */
export function recordPath(channel: string, challenger: string): string {
  return `channels/rollouts/${channel}-${challenger.replace(/[^A-Za-z0-9.+-]/g, '-')}.json`
}

/** The state as it ends: what is pending is being done by this very commit. */
function recordOf(state: RolloutState): string {
  return `${JSON.stringify(rolloutState.make({}, { ...state, pending: [] }), null, 2)}\n`
}

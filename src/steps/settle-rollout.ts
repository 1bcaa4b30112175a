import { type RolloutStateBody, rolloutState } from '../core/documents/release.ts'
import type { Effect, RolloutState } from '../core/rollout/machine.ts'
import { type Change, type ChangePorts, commitFiles, readChannel, rollBack, tagStage } from './promote.ts'

/**
 * Writes the end of a rollout into git, on the base: its record always; a rollback also puts the channel back when it
 * names the challenger; a promotion gives the release its stage tag. Called again it changes nothing.
 */
export async function settleRollout(
  ports: ChangePorts,
  input: { base: string; effect: Effect; state: RolloutState; date: string },
): Promise<Change> {
  const { base, effect, state, date } = input
  const { channel, challenger, champion } = state
  const files = { [recordPath(channel, challenger)]: recordOf(state) }
  const now = await readChannel(ports.git, base, channel)
  // A release that differs in its preprocessing alone has the same artefact: the version tells them apart.
  const named = now !== null && now.artifact === state.artifacts.challenger && now.version === challenger
  if (effect.type === 'rollback') {
    if (named) return rollBack(ports, { channel, base, reason: effect.reason, atOnce: true, files })
    return commitFiles(
      ports,
      base,
      `Rolled ${challenger} back, ${champion} stays in ${channel}\n\n${effect.reason}`,
      files,
    )
  }
  const change = await commitFiles(
    ports,
    base,
    `${challenger} takes all traffic of ${channel}\n\n${effect.reason}`,
    files,
  )
  if (named) {
    const message = `${now.model} ${now.version} in ${channel}\n\n${effect.reason}\n\nsluice-manifest: ${now.manifest}`
    await tagStage(ports.git, { model: now.model, stage: channel, revision: base, message, date })
  }
  return change
}

function recordPath(channel: string, challenger: string): string {
  return `channels/rollouts/${channel}-${challenger.replace(/[^A-Za-z0-9.+-]/g, '-')}.json`
}

/** The state as it ends: what is pending is being done by this very commit. */
function recordOf(state: RolloutStateBody): string {
  return `${JSON.stringify(rolloutState.make({}, { ...state, pending: [] }), null, 2)}\n`
}

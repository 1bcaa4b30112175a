import { rolloutState } from '../core/documents/release.ts'
import type { RolloutState } from '../core/rollout/machine.ts'
import { failpoint } from './failpoints.ts'
import { writeJson } from './files.ts'

/** Keeps the state of a rollout in a file, whole at every moment. */
export const keepRollout = (file: string) => async (state: RolloutState) => {
  await failpoint('rollout.state.before')
  writeJson(file, rolloutState.make({}, state))
  await failpoint('rollout.state.after')
}

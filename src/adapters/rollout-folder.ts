import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../core/documents/define.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { rolloutState } from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import { manifestPath } from '../core/rollout/channels.ts'
import type { RollOutPorts } from '../journeys/roll-out-channel.ts'
import { readBytes, readText, writeWhole } from './files.ts'
import { createGit } from './git.ts'
import { bringReleaseFile } from './release-files.ts'
import { keepRollout } from './rollout-file.ts'

/**
 * A folder on the server's machine that outlives a job: the states of a channel's rollouts, and the files of releases
 * that the server reads.
 */
export function rolloutFolder(
  root: string,
  folder: string,
  channel: string,
): Pick<RollOutPorts, 'bring' | 'open' | 'save'> {
  const named = (name: string) => join(folder, name.replace(/[^A-Za-z0-9.+@-]/g, '-'))
  const stateOf = (version: string) => named(`${channel}-${version}.json`)
  return {
    open: (version) => {
      const file = stateOf(version)
      if (!existsSync(file)) return null
      const { body } = parseEvidence(rolloutState, readText(file), file)
      const { artifacts, pending, since = null, missed = 0, expected = null, windows = 0 } = body
      if (body.channel !== channel || !artifacts || !pending) {
        throw new UsageError(`this is no state of channel ${channel}`, {
          where: file,
          mend: 'remove it to start afresh',
        })
      }
      return { ...body, artifacts, pending, since, missed, expected, windows }
    },
    save: (version, state) => keepRollout(stateOf(version))(state),
    bring: async ({ model, version, artifacts }, revision) => {
      const artifact = named(`${model}@${version}.onnx`)
      const digest = artifacts.find(({ format }) => format === 'onnx')?.sha256 ?? ''
      if (!existsSync(artifact) || sha256(readBytes(artifact)) !== digest) {
        await bringReleaseFile(root, { model, version, revision, digest, suffix: '.onnx', to: artifact })
      }
      const manifest = named(`${model}@${version}.json`)
      writeWhole(manifest, (await createGit(root).show(revision, manifestPath(model, version))) ?? '')
      return { artifact, manifest }
    },
  }
}

import { readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { createStorage } from '../../adapters/storage.ts'
import { parseEvidence } from '../../core/documents/parse.ts'
import { releaseManifest } from '../../core/documents/release.ts'
import { UsageError } from '../../core/errors.ts'
import { type Change, promote, rollBack } from '../../steps/promote.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const usage = `
sluice promote CHANNEL --manifest FILE [options]
sluice promote CHANNEL --rollback REASON [options]

Writes channels/CHANNEL.yaml on a branch of this repository, for a pull request. Called twice it makes one change.

  --manifest FILE    release manifest (sluice release writes it)
  --format NAME      which of its artefacts runs there (default onnx)
  --rollback REASON  the release before the present one instead
  --at-once          with --rollback: commit on the base itself, without waiting for a review
  --base BRANCH      branch that the change is for (default main)
  --json FILE        what was done`

const options = {
  manifest: { type: 'string' },
  format: { type: 'string', default: 'onnx' },
  rollback: { type: 'string' },
  'at-once': { type: 'boolean', default: false },
  base: { type: 'string', default: 'main' },
  json: { type: 'string' },
} as const

/** Proposes a channel's next release, or its last one again. */
export const command: Command = {
  usage,
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'a channel' })
    const channel = positionals[0] as string
    const { base, manifest: file, rollback: reason } = values
    if ((file === undefined) === (reason === undefined)) {
      throw new UsageError('expected either --manifest or --rollback', { mend: 'see --help' })
    }
    const ports = { git: createGit(process.cwd()), storage: createStorage(), forge: null }
    let change: Change
    if (reason !== undefined) change = await rollBack(ports, { channel, base, reason, atOnce: values['at-once'] })
    else {
      const manifest = parseEvidence(releaseManifest, readText(file as string), file as string)
      const artifact = manifest.body.artifacts.find(({ format }) => format === values.format)
      if (!artifact) {
        throw new UsageError(`the release has no artefact of format ${values.format}`, {
          where: file,
          mend: `it has ${manifest.body.artifacts.map(({ format }) => format).join(', ')}`,
        })
      }
      const summary = manifest.body.evidence
        .map(({ kind, id, path }) => `- ${kind} ${id.slice(0, 12)} ${path}`)
        .join('\n')
      change = await promote(ports, { channel, base, manifest, artifact: artifact.sha256, summary })
    }
    if (values.json !== undefined) writeJson(values.json, change)
    if (!change.changed) console.print(`${channel} says so already; nothing to do`)
    else console.print(`${change.branch}: ${change.commit?.slice(0, 12) ?? 'nothing new'}`)
    if (change.changed && change.branch !== base) {
      console.log(`push it and open a pull request: git push origin ${change.branch}`)
    }
    return 0
  },
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBytes, readText, writeJson } from '../../adapters/files.ts'
import { createGit } from '../../adapters/git.ts'
import { createStorage } from '../../adapters/storage.ts'
import { type DocumentOf, documentId, sha256 } from '../../core/documents/define.ts'
import { parseEvidence } from '../../core/documents/parse.ts'
import { printable } from '../../core/documents/printable.ts'
import { releaseManifest } from '../../core/documents/release.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import type { Console } from '../../ports.ts'
import { readBundle } from '../../steps/bundle.ts'
import { type Change, pointerPath, promote, rollBack } from '../../steps/promote.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  manifest: { type: 'string' },
  format: { type: 'string', default: 'onnx' },
  bundle: { type: 'string' },
  rollback: { type: 'string' },
  verify: { type: 'boolean', default: false },
  data: { type: 'string' },
  head: { type: 'string', default: 'HEAD' },
  policy: { type: 'string', default: 'gates/model.yaml' },
  'at-once': { type: 'boolean', default: false },
  base: { type: 'string', default: 'main' },
  repository: { type: 'string' },
  'trusted-root': { type: 'string' },
  json: { type: 'string' },
} as const

/** Proposes a channel's next release, or its last one again. */
export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(args, options, { least: 1, most: 1, names: 'a channel' })
    const channel = positionals[0] as string
    const { base, manifest: file, rollback: reason } = values
    if ([file !== undefined, reason !== undefined, values.verify].filter(Boolean).length !== 1) {
      throw new UsageError('expected one of --manifest, --rollback and --verify', { mend: 'see --help' })
    }
    if (values.verify) return verify(channel, values, console)
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
      const bundle = values.bundle === undefined ? {} : { bundle: bundleDigest(values.bundle, manifest) }
      const dvcFile = join(ports.git.root, pointerPath(manifest.body.model, manifest.body.version))
      const pointer = existsSync(dvcFile) ? { pointer: readText(dvcFile) } : {}
      const release = { manifest, artifact: artifact.sha256, ...bundle, ...pointer }
      change = await promote(ports, { channel, base, ...release, summary })
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

type VerifyValues = {
  base: string
  head: string
  policy: string
  data?: string
  json?: string
  repository?: string
  'trusted-root'?: string
}

async function verify(channel: string, { data, json, ...values }: VerifyValues, console: Console): Promise<number> {
  if (data === undefined) throw new UsageError('--verify needs --data', { mend: 'name the data set’s folder' })
  const { lineText, verifyPromotionIn } = await import('../verify-promotion.ts')
  const today = new Date().toISOString().slice(0, 10)
  const { base, head, policy } = values
  const { repository = process.env.GITHUB_REPOSITORY, 'trusted-root': trustedRoot } = values
  const origin = { repository, trustedRoot, token: process.env.GITHUB_TOKEN }
  const request = { channel, base, head, policy, data, today, origin }
  const document = await verifyPromotionIn(process.cwd(), request, (line) => console.print(lineText(line)))
  if (json !== undefined) writeJson(json, document)
  const { verdict, reason } = document.body
  console.print('')
  console.print(printable(`${channel}: ${verdict.toUpperCase()}. ${reason}`))
  return exitCodes[verdict]
}

/** Digest of a bundle, which must be of this release. */
function bundleDigest(file: string, manifest: DocumentOf<typeof releaseManifest>): string {
  const bytes = readBytes(file)
  if (documentId(readBundle(bytes, file).manifest) !== documentId(manifest)) {
    throw new UsageError('this bundle is of another release', { where: file, mend: 'name the one written beside it' })
  }
  return sha256(bytes)
}

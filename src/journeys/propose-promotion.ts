import type { DocumentOf } from '../core/documents/define.ts'
import { versionTag } from '../core/documents/gto-tags.ts'
import type { releaseManifest } from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import { plain } from '../core/render/markdown.ts'
import type { Forge, Git, PullRequest } from '../ports.ts'
import { promotionChange } from '../steps/promote.ts'

/**
 * Opens the pull request that puts a release on a channel: its DVC file, its manifest and the digest of its bundle. Null
 * when the channel says so already; proposed before, the same pull request is found.
 */
export async function proposePromotion(
  ports: {
    forge: Pick<Forge, 'proposeChange'>
    git: Pick<Git, 'show' | 'list' | 'date' | 'resolve'>
    /** Keeps the release's files; the text of their DVC file, null where there is no remote to keep them in. */
    keep: (release: { model: string; version: string }) => Promise<string | null>
  },
  input: {
    channel: string
    defaultBranch: string
    /** The default branch's newest commit, as git here calls it. */
    base: string
    manifest: DocumentOf<typeof releaseManifest>
    /** SHA-256 of its bundle. */
    bundle: string
    reason: string
  },
): Promise<PullRequest | null> {
  const { channel, base, manifest, bundle, reason } = input
  const { model, version, artifacts, dataset } = manifest.body
  const artifact = artifacts.find(({ format }) => format === 'onnx')
  if (!artifact) throw new UsageError(`${model} ${version} has no ONNX artefact`, { mend: 'export it to ONNX' })
  const pointer = await ports.keep({ model, version })
  const summary = `${versionTag(model, version).replace('@', '@\u2060')}: ${plain(reason)}`
  const release = { manifest, artifact: artifact.sha256, bundle, ...(pointer === null ? {} : { pointer }) }
  const from = await ports.git.resolve(base)
  const change = await promotionChange(ports.git, { channel, base: from, ...release, summary })
  if (change === null) return null
  const { branch: prefix, title, body, files } = change
  const date = await ports.git.date(dataset.commit)
  return ports.forge.proposeChange({ prefix, base: input.defaultBranch, from, title, body, files, date })
}

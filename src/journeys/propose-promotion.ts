import { type DocumentOf, documentId } from '../core/documents/define.ts'
import { versionTag } from '../core/documents/gto-tags.ts'
import type { releaseManifest } from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import { plain } from '../core/render/markdown.ts'
import type { Forge, Git, PullRequest } from '../ports.ts'
import { promotionBranch, promotionChange, readChannel } from '../steps/promote.ts'

/**
 * Opens the pull request that puts a release on a channel: its DVC file, its manifest and the digest of its bundle. Null
 * when the channel has it or had it before; while one for this release is open, it is found and left as it is, also when
 * what it was made on has moved.
 */
export async function proposePromotion(
  ports: {
    forge: Pick<Forge, 'proposeChange' | 'findPullRequest'>
    git: Pick<Git, 'show' | 'list' | 'date' | 'resolve' | 'remoteBranches'>
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
  const from = await ports.git.resolve(base)
  const now = await readChannel(ports.git, from, channel)
  const id = documentId(manifest)
  // To promote it once more, after another one took its place, is for somebody to decide.
  if (now?.history.some((entry) => entry.manifest === id)) return null
  const open = await openProposal(ports, { ...input, prefix: promotionBranch(channel, manifest.body), id })
  if (open) return open
  const pointer = await ports.keep({ model, version })
  const summary = `${versionTag(model, version).replace('@', '@\u2060')}: ${plain(reason)}`
  const release = { manifest, artifact: artifact.sha256, bundle, ...(pointer === null ? {} : { pointer }) }
  const change = await promotionChange(ports.git, { channel, base: from, ...release, summary })
  if (change === null) return null
  const { branch: prefix, title, body, files } = change
  const date = await ports.git.date(dataset.commit)
  return ports.forge.proposeChange({ prefix, base: input.defaultBranch, from, title, body, files, date })
}

/** The open pull request whose branch puts this very release, with this bundle, on the channel. */
async function openProposal(
  { git, forge }: { git: Pick<Git, 'show' | 'remoteBranches'>; forge: Pick<Forge, 'findPullRequest'> },
  about: { channel: string; defaultBranch: string; prefix: string; id: string; bundle: string },
): Promise<PullRequest | null> {
  for (const branch of await git.remoteBranches(`${about.prefix}-`)) {
    const proposed = await readChannel(git, `refs/remotes/origin/${branch}`, about.channel)
    if (proposed?.manifest !== about.id || proposed.bundle !== about.bundle) continue
    const pull = await forge.findPullRequest(branch)
    if (pull?.base.ref === about.defaultBranch) return pull
  }
  return null
}

import { join } from 'node:path'
import { type Document, documentId } from '../core/documents/define.ts'
import { parseDvcFile } from '../core/documents/dvc.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { type ChannelBody, channel as channelKind, type ReleaseManifestBody } from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import {
  channelPath,
  channelYaml,
  manifestPath,
  moveChannel,
  type Placed,
  restoreChannel,
} from '../core/rollout/channels.ts'
import { stageOf } from '../core/rollout/settlement.ts'
import type { Forge, Git, PullRequest, Storage } from '../ports.ts'
import { refuseRolledBack } from './rolled-back.ts'
import { tagStage } from './stage-tag.ts'

export type ChangePorts = { git: Git; storage: Storage; forge: Forge | null }
export type Change = {
  /** False when the channel already says so. */
  changed: boolean
  branch: string | null
  commit: string | null
  pullRequest: PullRequest | null
}

export type Promotion = {
  channel: string
  base: string
  manifest: Document<'ReleaseManifest', ReleaseManifestBody>
  /** Digest of the artefact that runs there. */
  artifact: string
  /** SHA-256 of the release's evidence bundle. */
  bundle?: string
  /** Text of the DVC file of `models/MODEL/VERSION`, so that no garbage collection loses what is in it. */
  pointer?: string
  /** Markdown for the pull request. */
  summary: string
}
/** A change as a pull request holds it. */
export type Proposal = { branch: string; title: string; body: string; files: Record<string, string> }

/** Title, body and files of the pull request that promotes a release; null when the channel already says so. */
export async function promotionChange(git: Pick<Git, 'show' | 'list'>, input: Promotion): Promise<Proposal | null> {
  const { channel, base, manifest, artifact, bundle, pointer } = input
  const { model, version } = manifest.body
  if (!manifest.body.artifacts.some(({ sha256 }) => sha256 === artifact)) {
    throw new UsageError(`${model} ${version} has no artefact ${artifact.slice(0, 12)}`, {
      mend: 'name one of its manifest',
    })
  }
  const place = { model, version, manifest: documentId(manifest), artifact }
  const to: Placed = { ...place, ...(bundle === undefined ? {} : { bundle }) }
  const now = await readChannel(git, base, channel)
  const next = moveChannel(channel, now, to, `replaced by ${version}`)
  if (next === null) return null
  await refuseRolledBack(git, base, channel, now, to, manifest.body.evidence)
  const files = {
    [channelPath(channel)]: channelYaml(next),
    [manifestPath(model, version)]: `${JSON.stringify(manifest, null, 2)}\n`,
    ...(pointer === undefined ? {} : await pointerFiles(git, base, manifest.body, pointer)),
  }
  const told = [
    input.summary,
    ...(bundle === undefined ? [] : [`Evidence bundle \`${bundle}\``]),
    ...(manifest.body.overrides ?? []).map(
      ({ what, reason }) => `This release was not judged with this ${what}; overridden: ${reason}`,
    ),
  ]
  const title = `Promote ${model} ${version} to ${channel}`
  return { branch: promotionBranch(channel, manifest.body), title, body: told.join('\n\n'), files }
}

/** What the branch of a release's promotion is called, or begins with. */
export const promotionBranch = (channel: string, { model, version }: { model: string; version: string }) =>
  `promote/${channel}/${model}-${version}`

/** Writes the channel on a branch from the base and opens a pull request; called twice it makes one change. */
export async function promote(ports: ChangePorts, input: Promotion): Promise<Change> {
  const change = await promotionChange(ports.git, input)
  if (change === null) return { changed: false, branch: null, commit: null, pullRequest: null }
  return proposeFiles(ports, { base: input.base, ...change })
}

/** The DVC file, and the line that keeps its folder out of git. */
async function pointerFiles(
  git: Pick<Git, 'show'>,
  base: string,
  { model, version }: ReleaseManifestBody,
  pointer: string,
): Promise<Record<string, string>> {
  const file = pointerPath(model, version)
  const { path, wdir } = parseDvcFile(pointer, file)
  if (path !== version || wdir !== '.') {
    throw new UsageError(`this DVC file is about ${path}, not ${version}`, {
      where: file,
      mend: `dvc add models/${model}/${version}`,
    })
  }
  const ignore = `models/${model}/.gitignore`
  const before = new TextDecoder().decode((await git.show(base, ignore)) ?? new Uint8Array())
  const lines = before.split('\n').filter((line) => line !== '')
  if (!lines.includes(`/${version}`)) lines.push(`/${version}`)
  return { [file]: pointer, [ignore]: `${lines.join('\n')}\n` }
}

/** Puts the release before the present one back; as a pull request, or at once as a commit on the base and its stage tag. */
export async function rollBack(
  ports: ChangePorts,
  input: { channel: string; base: string; reason: string; atOnce: boolean; files?: Record<string, string> },
): Promise<Change> {
  const { channel, base, reason, atOnce } = input
  const now = await readChannel(ports.git, base, channel)
  if (now === null) throw new UsageError(`there is no channel ${channel} on ${base}`, { mend: 'check the name' })
  const next = restoreChannel(now, reason)
  const files = { [channelPath(channel)]: channelYaml(next), ...input.files }
  const title = `Roll ${channel} back from ${now.model} ${now.version} to ${next.version}`
  if (atOnce) {
    const change = await commitFiles(ports, base, `${title}\n\n${reason}`, files)
    const date = await ports.git.date(base)
    await tagStage(ports.git, { ...stageOf(next, reason), stage: channel, fallback: base, date })
    return change
  }
  const branch = `rollback/${channel}/${now.model}-${now.version}`
  return proposeFiles(ports, { base, branch, title, body: reason, files })
}

/** The channel at a revision; null when it does not exist there. */
export async function readChannel(
  git: Pick<Git, 'show'>,
  revision: string,
  channel: string,
): Promise<ChannelBody | null> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(channel)) {
    throw new UsageError(`${JSON.stringify(channel)} is no channel`, { mend: 'lower-case letters, digits and -' })
  }
  const bytes = await git.show(revision, channelPath(channel))
  return bytes === null ? null : parseDeclared(channelKind, new TextDecoder().decode(bytes), channelPath(channel))
}

export const pointerPath = (model: string, version: string) => `models/${model}/${version}.dvc`

async function proposeFiles(ports: ChangePorts, change: Proposal & { base: string }): Promise<Change> {
  const { git, forge } = ports
  const { base, title, body, files } = change
  const branch = await branchFor(git, change)
  const exists = await git.resolve(`refs/heads/${branch}`).catch(() => null)
  if (exists === null) await git.branch(branch, base)
  const { commit } = await commitFiles(ports, branch, title, files)
  const open = forge ? await forge.findPullRequest(branch) : null
  const pullRequest = open ?? (forge ? await forge.openPullRequest({ title, body, head: branch, base }) : null)
  return { changed: commit !== null || open === null, branch, commit: commit ?? exists, pullRequest }
}

/**
 * The branch of a change: its own name, unless that has a change for a base that has moved since. What would be added there
 * conflicts with what came first, so that it goes onto a branch of its own.
 */
async function branchFor(
  git: ChangePorts['git'],
  { base, branch, files }: Proposal & { base: string },
): Promise<string> {
  const taken = await git.resolve(`refs/heads/${branch}`).catch(() => null)
  if (taken === null) return branch
  const onto = await git.resolve(base)
  if ((await git.mergeBase(taken, onto)) === onto) return branch
  for (const [path, text] of Object.entries(files)) {
    const there = await git.show(taken, path)
    if (there === null || !Buffer.from(text).equals(there)) return `${branch}-on-${onto.slice(0, 12)}`
  }
  return branch
}

/** Commits files on a branch and returns to where the work tree was. */
export async function commitFiles(
  ports: ChangePorts,
  branch: string,
  message: string,
  files: Record<string, string>,
): Promise<Change> {
  const { git, storage } = ports
  const before = await git.currentBranch()
  const back = before === 'HEAD' ? await git.resolve('HEAD') : before
  if (before !== branch) {
    // An untracked file keeps git from taking the branch that has it too; with this content nothing is lost.
    for (const [path, content] of Object.entries(files)) {
      const at = join(git.root, path)
      if (!storage.exists(at) || storage.readText(at) !== content) continue
      const [here, there] = [await git.show('HEAD', path), await git.show(branch, path)]
      if (here === null && there !== null) storage.remove(at)
    }
    await git.checkout(branch)
  }
  try {
    for (const [path, content] of Object.entries(files)) storage.write(join(git.root, path), content)
    const commit = await git.commit(message, Object.keys(files))
    return { changed: commit !== null, branch, commit, pullRequest: null }
  } finally {
    if (before !== branch) await git.checkout(back)
  }
}

import { join } from 'node:path'
import { type Document, documentId } from '../core/documents/define.ts'
import { parseDvcFile } from '../core/documents/dvc.ts'
import { nextStageTag } from '../core/documents/gto-tags.ts'
import { parseDeclared, parseEvidence } from '../core/documents/parse.ts'
import {
  type ChannelBody,
  channel as channelKind,
  type ReleaseManifestBody,
  releaseManifest,
} from '../core/documents/release.ts'
import { UsageError } from '../core/errors.ts'
import { channelPath, channelYaml, moveChannel, type Placed, restoreChannel } from '../core/rollout/channels.ts'
import { refuseQuarantined } from '../core/rollout/quarantine.ts'
import type { Forge, Git, PullRequest, Storage } from '../ports.ts'

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
export async function promotionChange(git: Pick<Git, 'show'>, input: Promotion): Promise<Proposal | null> {
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
  const earlier = await earlierEvidence(git, base, now)
  refuseQuarantined(now, to, manifest.body.evidence, (id) => earlier.get(id) ?? null)
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
  return { branch: `promote/${channel}/${model}-${version}`, title, body: told.join('\n\n'), files }
}

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

/** Evidence of the releases in a channel's history, by the id of their manifest; a file that is another manifest is none. */
async function earlierEvidence(git: Pick<Git, 'show'>, base: string, now: ChannelBody | null) {
  const found = new Map<string, ReleaseManifestBody['evidence']>()
  for (const { version, manifest } of now?.history ?? []) {
    const path = manifestPath(now?.model ?? '', version)
    const bytes = await git.show(base, path)
    if (bytes === null) continue
    const document = parseEvidence(releaseManifest, new TextDecoder().decode(bytes), path)
    if (documentId(document) === manifest) found.set(manifest, document.body.evidence)
  }
  return found
}

/** Puts the release before the present one back; as a pull request, or at once as a commit on the base. */
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
  if (atOnce) return commitFiles(ports, base, `${title}\n\n${reason}`, files)
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

export const manifestPath = (model: string, version: string) => `channels/releases/${model}/${version}.json`
export const pointerPath = (model: string, version: string) => `models/${model}/${version}.dvc`

/** Gives the stage to the release: `model#channel#N` on its commit, unless the newest such tag is there already. */
export async function tagStage(
  git: Pick<Git, 'tag' | 'tags' | 'resolve'>,
  input: { model: string; stage: string; revision: string; message: string; date: string },
): Promise<string> {
  const commit = await git.resolve(input.revision)
  const tags = await git.tags(`${input.model}#*`)
  const tag = nextStageTag(
    input.model,
    input.stage,
    tags.map(({ name }) => name),
  )
  const last = Number(tag.slice(tag.lastIndexOf('#') + 1)) - 1
  const newest = tags.find(({ name }) => name === `${input.model}#${input.stage}#${last}`)
  if (newest?.commit === commit) return newest.name
  await git.tag(tag, commit, input.message, input.date)
  return tag
}

async function proposeFiles(ports: ChangePorts, change: Proposal & { base: string }): Promise<Change> {
  const { git, forge } = ports
  const { base, branch, title, body, files } = change
  const exists = await git.resolve(`refs/heads/${branch}`).catch(() => null)
  if (exists === null) await git.branch(branch, base)
  const { commit } = await commitFiles(ports, branch, title, files)
  const open = forge ? await forge.findPullRequest(branch) : null
  const pullRequest = open ?? (forge ? await forge.openPullRequest({ title, body, head: branch, base }) : null)
  return { changed: commit !== null || open === null, branch, commit: commit ?? exists, pullRequest }
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

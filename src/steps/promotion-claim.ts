import { type DocumentOf, documentId } from '../core/documents/define.ts'
import { manifestIdOf, versionTag } from '../core/documents/gto-tags.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { type ChannelBody, releaseManifest } from '../core/documents/release.ts'
import { EvidenceError } from '../core/errors.ts'
import { channelPath, channelYaml, manifestPath, restoreChannel, wasRolledBack } from '../core/rollout/channels.ts'
import type { Git } from '../ports.ts'
import type { Checking } from './check-lines.ts'
import { pointerPath, promotionChange, readChannel } from './promote.ts'

type ReadGit = Pick<Git, 'show' | 'list' | 'changedFiles' | 'mergeBase' | 'tags'>
/** What a promotion claims: the channel as it will be, and the manifest that it names. */
export type Claim = { channel: ChannelBody; manifest: DocumentOf<typeof releaseManifest> }

const other = (what: string, where: string, mend?: string) =>
  new EvidenceError(what, { reason: 'other-subject', where, ...(mend === undefined ? {} : { mend }) })

/**
 * Holds a proposal's files against what `sluice promote` writes on the base; null where they are wrong, or where it is a
 * rollback, which needs no more: the release was verified when it came.
 */
export async function checkClaim(
  git: ReadGit,
  { lines, check }: Pick<Checking, 'lines' | 'check'>,
  { channel, base, head }: { channel: string; base: string; head: string },
): Promise<Claim | null> {
  const path = channelPath(channel)
  const changed = await git.changedFiles(await git.mergeBase(base, head), head)
  const now = await check('the channel is one', async () => {
    const found = await readChannel(git, head, channel)
    if (found === null) throw other('the proposal takes the channel away', path)
    if (found.channel !== channel) throw other(`it says that it is the channel ${found.channel}`, path)
    return [`${found.model} ${found.version} for ${channel}`, found]
  })
  if (now === null) return null
  const { model, version } = now
  const before = await readChannel(git, base, channel)
  if (before !== null && isRevert(before, now)) {
    await check('it is what sluice promote --rollback writes', async () => {
      throw other(
        `it takes ${channel} back to ${version} and forgets ${before.version}, which could come back as if nothing had been`,
        path,
        `sluice promote ${channel} --rollback "why"`,
      )
    })
    return null
  }
  await check('nothing else changes', async () => {
    const allowed = [path, manifestPath(model, version), pointerPath(model, version), `models/${model}/.gitignore`]
    const more = changed.filter((file) => !allowed.includes(file))
    if (more.length > 0) {
      throw other(`a promotion does not change ${more.slice(0, 3).join(', ')}`, path, 'propose that by itself')
    }
    return [changed.join(', '), changed]
  })
  if (before !== null && isRollback(before, now)) {
    await check('it is what sluice promote --rollback writes', async () => {
      await refuseOtherFiles(git, head, { [path]: channelYaml(now) })
      return [`${before.version} goes, ${version} was verified when it came`, null]
    })
    return null
  }
  const manifest = await check('channel and manifest are what sluice promote writes', async () => {
    const found = await manifestAt(git, head, now)
    const pointer = await textAt(git, head, pointerPath(model, version))
    const proposal = await promotionChange(git, {
      ...{ channel, base, manifest: found, artifact: now.artifact, summary: '' },
      ...(now.bundle === undefined ? {} : { bundle: now.bundle }),
      ...(pointer === null ? {} : { pointer }),
    })
    if (proposal === null) throw other(`${channel} runs this already`, path)
    await refuseOtherFiles(git, head, proposal.files)
    return [`manifest ${now.manifest.slice(0, 12)}, on the base as it is now`, found]
  })
  if (manifest === null || lines.some(({ verdict }) => verdict === 'fail')) return null
  await check('the release was tagged', async () => {
    const name = versionTag(model, version)
    const [tag] = (await git.tags(name)).filter((one) => one.name === name)
    if (tag === undefined) {
      throw new EvidenceError(`there is no tag ${name}`, {
        reason: 'absent',
        mend: 'sluice release makes it; in a clone without tags fetch them',
      })
    }
    if (manifestIdOf(tag.message) !== now.manifest) throw other('the tag names another manifest', name)
    return [`${name} names this manifest`, null]
  })
  return { channel: now, manifest }
}

/** Whether the channel is the one before with its last sound release back. */
function isRollback(before: ChannelBody, now: ChannelBody): boolean {
  const [left] = now.history
  if (left === undefined || !wasRolledBack(left.reason) || now.history.length !== before.history.length) return false
  try {
    const reason = left.reason.replace(/^rolled back: /, '')
    return channelYaml(restoreChannel(before, reason)) === channelYaml(now)
  } catch {
    return false
  }
}

/** Whether the channel names an earlier release of its own and lost what came after: the revert of a promotion. */
function isRevert(before: ChannelBody, now: ChannelBody): boolean {
  return (
    now.history.length < before.history.length &&
    before.history.some(({ version, manifest }) => version === now.version && manifest === now.manifest)
  )
}

async function manifestAt(git: Pick<Git, 'show'>, head: string, now: ChannelBody): Promise<Claim['manifest']> {
  const file = manifestPath(now.model, now.version)
  const text = await textAt(git, head, file)
  if (text === null) throw new EvidenceError('the manifest is not there', { reason: 'absent', where: file })
  const manifest = parseEvidence(releaseManifest, text, file)
  const { model, version } = manifest.body
  if (documentId(manifest) !== now.manifest) throw other('this is not the manifest that the channel names', file)
  if (model !== now.model || version !== now.version) throw other(`it is of ${model} ${version}`, file)
  if (manifest.body.verdict !== 'pass') throw other(`its verdict is ${manifest.body.verdict}`, file)
  return manifest
}

/** EvidenceError unless every file is, byte for byte, what it should be. */
async function refuseOtherFiles(git: Pick<Git, 'show'>, head: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const bytes = await git.show(head, path)
    if (bytes !== null && Buffer.from(text).equals(bytes)) continue
    throw other('this is not what sluice promote writes on this base', path, 'promote again: the base may have moved')
  }
}

async function textAt(git: Pick<Git, 'show'>, revision: string, path: string): Promise<string | null> {
  const bytes = await git.show(revision, path)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

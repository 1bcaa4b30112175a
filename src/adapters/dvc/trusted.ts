import { existsSync, lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { type GitObjects, gitOutput } from '../git-objects.ts'
import { type DvcConfig, readDvcConfig, textOf } from './config.ts'

/**
 * DVC's configuration for a folder of a repository, of the nearest `.dvc` above it: as `trust`, a commit, has it, since
 * a proposal could name a remote of its own; null takes the work tree's. Null when there is none.
 */
export async function trustedConfig(
  root: string,
  data: string,
  trust: { commit: string; objects: GitObjects } | null,
): Promise<DvcConfig | null> {
  const above = foldersAbove(data)
  const texts = trust
    ? (await trust.objects.read(above.map((folder) => `${trust.commit}:${within(folder, '.dvc/config')}`))).map(
        (object) => (object?.type === 'blob' ? object.bytes.toString('utf8') : null),
      )
    : above.map((folder) => textOf(join(root, folder, '.dvc/config')))
  const at = texts.findIndex((text) => text !== null)
  if (at < 0) return null
  const folder = join(root, above[at] as string)
  await refuseDetours(root, above[at] as string)
  // A proposal is merged into what a run of it checks out: of such a work tree nothing is trusted.
  const proposed = trust === null && process.env.GITHUB_EVENT_NAME === 'pull_request'
  return readDvcConfig(folder, texts[at] as string, textOf(join(folder, '.dvc/config.local')) ?? '', { proposed })
}

/** A proposal may not bring DVC settings that only a machine should have, nor a link in place of a DVC folder. */
async function refuseDetours(root: string, folder: string): Promise<void> {
  for (const name of ['.dvc', '.dvc/config', '.dvc/config.local']) {
    if (!lstatSync(join(root, folder, name), { throwIfNoEntry: false })?.isSymbolicLink()) continue
    throw new UsageError('this is a symbolic link', { where: within(folder, name), mend: 'commit the file itself' })
  }
  if (!existsSync(join(root, '.git'))) return
  const names = ['.dvc/config.local', '.dvc/cache'].map((name) => within(folder, name))
  const committed = (await gitOutput(root, ['ls-files', '-z', '--', ...names])).toString('utf8')
  if (committed === '') return
  const where = committed.split('\0')[0] as string
  throw new UsageError('this is committed, though it would overrule the configuration of the base', {
    where,
    mend: 'git rm --cached it: it is for one machine',
  })
}

/** The folders that hold a path, nearest first, itself included; the last is ''. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = []
  for (let at = path; at !== '' && at !== '.'; at = dirname(at)) folders.push(at)
  return [...folders, '']
}

const within = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)

import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { ReleaseManifestBody } from '../core/documents/release.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import type { Git } from '../ports.ts'
import type { Checking } from './check-lines.ts'

/** Reads the data of a release again at the commit that it names, and holds its digests against the manifest. */
export async function checkData(
  {
    git,
    dataset,
  }: { git: Pick<Git, 'mergeBase'>; dataset: (commit: string, images: 'val' | 'all') => Promise<Dataset> },
  check: Checking['check'],
  { dataset: named }: Pick<ReleaseManifestBody, 'dataset'>,
  base: string,
): Promise<Dataset | null> {
  const other = (what: string) =>
    new EvidenceError(what, {
      reason: 'other-subject',
      mend: 'release what was trained and judged on data of the base',
    })
  const commit = await check('its data was merged', async () => {
    if (!/^[0-9a-f]{40}$/.test(named.commit)) throw other(`${JSON.stringify(named.commit)} is no commit`)
    // The clone has what came before base and head: of any other commit it knows nothing.
    const from = await git.mergeBase(named.commit, base).catch((error: Error) => {
      if (error instanceof UsageError) return null
      throw error
    })
    if (from !== named.commit) throw other(`commit ${named.commit.slice(0, 12)} is not in the base’s history`)
    return [`commit ${named.commit.slice(0, 12)} is in the base’s history`, named.commit]
  })
  if (commit === null) return null
  return check('its data has the digests', async () => {
    let data = await dataset(commit, 'val')
    // Images in git have their hash only once they are here.
    if (named.images !== null && datasetDigests(data).images === undefined) data = await dataset(commit, 'all')
    const found = datasetDigests(data)
    if (found.labels !== named.labels) {
      throw other(`labels have ${found.labels.slice(0, 12)}, not ${named.labels.slice(0, 12)}`)
    }
    if (named.images === null) return [`labels ${found.labels.slice(0, 12)}; the manifest names no images`, data]
    if (found.images === named.images) {
      return [`labels ${found.labels.slice(0, 12)}, images ${named.images.slice(0, 12)}`, data]
    }
    throw other(`images have ${found.images?.slice(0, 12) ?? 'no digest'}, not ${named.images.slice(0, 12)}`)
  })
}

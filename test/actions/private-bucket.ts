import type { GithubWorld } from '../../scripts/story-github/world.ts'
import { dirManifest, md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import type { startS3 } from '../servers/s3.ts'

/**
 * Makes main of a world's repository name a DVC remote in a private bucket, which lets in whoever GitHub says is in the
 * environment `data` of that repository; the jobs are told of the role by variables.
 */
export async function privateBucket(world: GithubWorld, s3: Awaited<ReturnType<typeof startS3>>) {
  const put = (bytes: Buffer<ArrayBuffer>, name = md5Of(bytes)) => s3.put(`data/${objectPath(name)}`, bytes)
  /** Pushes a folder of files to the bucket; the text of its .dvc file. */
  const track = async (folder: string, files: Record<string, Uint8Array>) => {
    const entries = Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) }))
    for (const { bytes } of entries) await put(bytes)
    const manifest = dirManifest(entries.map(({ path, bytes }) => ({ path, md5: md5Of(bytes) })))
    await put(Buffer.from(manifest.bytes), manifest.md5)
    return `outs:\n- md5: ${manifest.md5}\n  size: 1\n  nfiles: ${entries.length}\n  hash: md5\n  path: ${folder}\n`
  }
  const config = `[core]\n    remote = cloud\n['remote "cloud"']\n    url = s3://private/data\n    endpointurl = ${s3.url}\n`
  await world.push('main', 'Name the remote', () => world.write('.dvc/config', config))
  /** From now on only those who are trusted get anything. */
  const close = async () => {
    const subjects = ['repo:acme/data:environment:data']
    const trusted = { issuer: world.local.identities.url, audience: 'sts.amazonaws.com', subjects }
    const { role, ...key } = await s3.trust(trusted)
    world.variables.SLUICE_DATA_ENVIRONMENT = 'data'
    world.variables.SLUICE_DVC_OIDC = `aws role=${role} region=us-east-1`
    // A user who may read too, for where there are no identities.
    return `['remote "cloud"']\n    access_key_id = ${key.key}\n    secret_access_key = ${key.secret}\n`
  }
  return { track, close }
}

/** What steps need to find the test's own AWS, and not to look for the role of the machine they are on. */
export const atTestAws = (s3: { url: string }) => ({ AWS_ENDPOINT_URL_STS: s3.url, AWS_EC2_METADATA_DISABLED: 'true' })

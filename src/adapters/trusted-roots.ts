import { execa } from 'execa'
import { ToolError } from '../core/errors.ts'
import { readText } from './files.ts'

const command = 'gh attestation trusted-root'

/**
 * Trusted roots of Sigstore's public instance and of GitHub's, one a line: of a file, else as GitHub's command line
 * brings them. It keeps them by The Update Framework, from roots that come with it.
 */
export async function readTrustedRoots(
  file: string | undefined,
  token: string,
): Promise<{ text: string; where: string }> {
  if (file !== undefined) return { text: readText(file), where: file }
  const env = token === '' ? {} : { GH_TOKEN: token }
  const { stdout, stderr, failed } = await execa('gh', ['attestation', 'trusted-root'], {
    ...{ env, reject: false, timeout: 120_000, maxBuffer: 16 * 2 ** 20 },
  })
  if (!failed) return { text: stdout, where: command }
  throw new ToolError('the trusted roots of Sigstore could not be had', {
    command,
    tail: String(stderr ?? '').slice(-500),
    mend: 'install GitHub’s command line (gh), or give a file that it wrote: --trusted-root FILE',
  })
}

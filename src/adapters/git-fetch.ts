import { gitIn } from './git-run.ts'

/**
 * Brings the newest commit of a proposal into the repository's objects. Nothing is checked out, and the token goes in a
 * header of this one command: it stands in no file and in no argument list.
 */
export async function fetchPullHead(
  root: string,
  { repository, token, number, sha }: { repository: string; token: string; number: number; sha: string },
): Promise<void> {
  const plain = gitIn(root, {})
  const here = await plain.raw(['cat-file', '-t', sha]).catch(() => '')
  if (here.trim() === 'commit') return
  const server = (process.env.GITHUB_SERVER_URL ?? 'https://github.com').replace(/\/$/, '')
  const credentials = Buffer.from(`x-access-token:${token}`).toString('base64')
  const secret = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${server}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${credentials}`,
  }
  const origin = (await plain.raw(['remote', 'get-url', 'origin']).catch(() => '')).trim()
  const from = origin || `${server}/${repository}.git`
  await gitIn(root, {}, secret).raw(['fetch', '--quiet', '--no-tags', from, `refs/pull/${number}/head`])
}

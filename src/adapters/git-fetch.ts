import { attempt, gitIn } from './git-run.ts'

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
  await fetchRefs(root, { repository, token }, ['--no-tags'], [`refs/pull/${number}/head`])
}

/** Brings a branch of the forge, as `origin/BRANCH`, and all tags. */
export async function fetchBranch(
  root: string,
  { branch, ...at }: { repository: string; token: string; branch: string },
): Promise<void> {
  const refs = [`+refs/heads/${branch}:refs/remotes/origin/${branch}`, '+refs/tags/*:refs/tags/*']
  await fetchRefs(root, at, [], refs)
}

async function fetchRefs(
  root: string,
  { repository, token }: { repository: string; token: string },
  options: string[],
  refs: string[],
): Promise<void> {
  const server = (process.env.GITHUB_SERVER_URL ?? 'https://github.com').replace(/\/$/, '')
  const credentials = Buffer.from(`x-access-token:${token}`).toString('base64')
  const secret = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${server}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${credentials}`,
  }
  const origin = (
    await gitIn(root, {})
      .raw(['remote', 'get-url', 'origin'])
      .catch(() => '')
  ).trim()
  const from = origin || `${server}/${repository}.git`
  await attempt(gitIn(root, {}, secret), ['fetch', '--quiet', ...options, from, ...refs])
}

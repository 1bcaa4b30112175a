// Stands in for actions/checkout with a ref: clones the forge's repository, whole or one commit deep.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { input, run } from './inputs.ts'

run(() => {
  const source = pathToFileURL(process.env.SLUICE_LOCAL_GIT as string).href
  const folder = join(process.env.GITHUB_WORKSPACE ?? '.', input('path') || '.')
  mkdirSync(folder, { recursive: true })
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  git('init', '--quiet')
  git('config', 'remote.origin.url', source)
  git('config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*')
  const ref = input('ref') || process.env.GITHUB_SHA || 'HEAD'
  if (input('fetch-depth') === '0') {
    git('fetch', '--quiet', 'origin', '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*')
    git('fetch', '--quiet', 'origin', ref)
  } else git('fetch', '--quiet', '--depth=1', 'origin', ref)
  git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD')
})

import { resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith, summarize } from '../../src/adapters/action-log.ts'
import { eventBranch } from '../../src/adapters/actions.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { keepRelease } from '../../src/adapters/keep-release.ts'
import { readBuilt } from '../../src/adapters/release-archive.ts'
import { proposePromotion } from '../../src/journeys/propose-promotion.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const folder = resolve(root, core.getInput('folder', { required: true }))
  const { manifest, digest: bundle, reason } = readBuilt(folder)
  const defaultBranch = eventBranch()
  const pull = await proposePromotion(
    {
      forge: createForge({ repository, token: core.getInput('token', { required: true }) }),
      git: createGit(root),
      keep: (release) => keepRelease(root, release, folder),
    },
    {
      ...{ channel: core.getInput('channel'), defaultBranch, base: `origin/${defaultBranch}` },
      ...{ manifest, bundle, reason },
    },
  )
  core.setOutput('pull-request', pull?.number ?? '')
  await summarize(pull ? `Pull request ${pull.number} is open` : 'The channel has this release, or had it before')
}

main().catch(failWith)

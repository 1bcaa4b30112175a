import * as core from '@actions/core'
import { failWith, summarize } from '../../src/adapters/action-log.ts'
import { countInput, eventBranch } from '../../src/adapters/actions.ts'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { proposeAcceptance } from '../../src/journeys/propose-acceptance.ts'

async function main(): Promise<void> {
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const git = createGit(process.env.GITHUB_WORKSPACE ?? process.cwd())
  const reader = createForge({ repository, token: core.getInput('github-token') })
  const { proposeChange } = createForge({ repository, token: core.getInput('token', { required: true }) })
  const proposed = await proposeAcceptance(
    { forge: { ...reader, proposeChange }, read: (path) => git.show('HEAD', path), readArchive: readEvidenceArchive },
    {
      pullRequest: countInput('pull-request', core.getInput('pull-request')),
      verdict: core.getInput('verdict', { required: true }),
      reason: core.getInput('reason', { required: true }),
      owner: core.getInput('owner', { required: true }),
      at: core.getInput('at', { required: true }),
      ...{ repository, defaultBranch: eventBranch(), now: new Date() },
    },
  )
  core.setOutput('pull-request', proposed.pullRequest?.number ?? '')
  await summarize(proposed.says)
}

main().catch(failWith)

import * as core from '@actions/core'
import { failBecause, failWith, summarize } from '../../src/adapters/action-log.ts'
import { commentEvent } from '../../src/adapters/actions.ts'
import { createForge } from '../../src/adapters/github.ts'
import { obeyComment } from '../../src/journeys/obey-comment.ts'

async function main(): Promise<void> {
  const { defaultBranch, ...comment } = commentEvent()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const forge = createForge({ repository, token: core.getInput('github-token') })
  const answer = await obeyComment(forge, comment, defaultBranch)
  core.setOutput('started', answer.started.join(' '))
  await summarize(answer.says)
  if (answer.denied) failBecause(answer.says)
}

main().catch(failWith)

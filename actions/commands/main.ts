import * as core from '@actions/core'
import { commentEvent } from '../../src/adapters/actions.ts'
import { createForge } from '../../src/adapters/github.ts'
import { obeyComment } from '../../src/journeys/obey-comment.ts'

async function main(): Promise<void> {
  const { defaultBranch, ...comment } = commentEvent()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const forge = createForge({ repository, token: core.getInput('github-token') })
  const answer = await obeyComment(forge, comment, defaultBranch)
  core.setOutput('started', answer.started.join(' '))
  await core.summary.addRaw(`${answer.says}\n`, true).write()
  if (answer.denied) core.setFailed(answer.says)
}

main().catch((error: Error & { where?: string; mend?: string }) =>
  core.setFailed([error.where, error.message, error.mend].filter(Boolean).join(': ')),
)

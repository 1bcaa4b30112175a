import * as core from '@actions/core'
import { failWith } from '../../src/adapters/action-log.ts'
import { finishedRunEvent, pathInput } from '../../src/adapters/actions.ts'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { fetchPullHead } from '../../src/adapters/git-fetch.ts'
import { createForge } from '../../src/adapters/github.ts'
import { gpuInputs } from '../../src/adapters/gpu-inputs.ts'
import { reportRun } from '../../src/journeys/report-run.ts'

async function main(): Promise<void> {
  const hours = [core.getInput('gpu-hours-a-pull-request'), core.getInput('gpu-hours-a-month')] as const
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const token = core.getInput('github-token')
  const { run, defaultBranch } = finishedRunEvent()
  const now = new Date()
  const reported = await reportRun(
    {
      forge: createForge({ repository, token }),
      git: createGit(root),
      fetchHead: (pull) => fetchPullHead(root, { repository, token, number: pull.number, sha: pull.head.sha }),
      readArchive: readEvidenceArchive,
    },
    {
      run,
      repository,
      defaultBranch,
      path: pathInput(core.getInput('path')),
      channel: core.getInput('channel'),
      today: now.toISOString().slice(0, 10),
      gpu: { ...gpuInputs(...hours, core.getInput('machines')), now },
    },
  )
  core.setOutput('check', reported?.check ?? '')
  core.setOutput('conclusion', reported?.conclusion ?? '')
  await core.summary
    .addRaw(
      reported?.comment ??
        'Nothing is judged: the run has not ended or was cancelled, or a newer commit has come since.\n',
      true,
    )
    .write()
}

main().catch(failWith)

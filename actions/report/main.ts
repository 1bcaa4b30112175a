import * as core from '@actions/core'
import { failWith } from '../../src/adapters/action-log.ts'
import { finishedRunEvent, pathInput } from '../../src/adapters/actions.ts'
import { readEvidenceArchive } from '../../src/adapters/evidence-archive.ts'
import { createGit } from '../../src/adapters/git.ts'
import { fetchPullHead } from '../../src/adapters/git-fetch.ts'
import { createForge } from '../../src/adapters/github.ts'
import { reportRun } from '../../src/journeys/report-run.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  const token = core.getInput('github-token')
  const { run, defaultBranch } = finishedRunEvent()
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
      today: new Date().toISOString().slice(0, 10),
    },
  )
  core.setOutput('check', reported?.check ?? '')
  core.setOutput('conclusion', reported?.conclusion ?? '')
  await core.summary.addRaw(reported?.comment ?? 'A newer commit has come since: nothing is reported.\n', true).write()
}

main().catch(failWith)

import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith, tell } from '../../src/adapters/action-log.ts'
import { judgedCommits, pathInput } from '../../src/adapters/actions.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { promotedChannel } from '../../src/core/judge/promoted-channel.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const path = pathInput(core.getInput('path', { required: true }))
  const asked = { base: '', head: core.getInput('head'), pullRequest: core.getInput('pull-request') }
  const { base, head, pullRequest } = judgedCommits(asked)
  const folder = join(process.env.RUNNER_TEMP ?? workspace, 'sluice')
  const git = createGit(resolve(workspace, core.getInput('folder') || '.'))
  const { channel, wrong } = promotedChannel(await git.changedFiles(await git.mergeBase(base, head), head))
  core.setOutput('channel', channel ?? '')
  core.setOutput('base', base)
  core.setOutput('head', head)
  core.setOutput('evidence', folder)
  if (channel !== null) return
  const reason = wrong ?? 'nothing of channels/ changes'
  const about = { family: 'promotion', pullRequest, headSha: head, baseSha: base, path } as const
  writeJson(join(folder, 'run.json'), pullRun.make({}, { ...about, verdict: wrong ? 'fail' : 'pass', reason }))
  if (wrong) failBecause(`this is no promotion: ${wrong}`)
  else tell(reason)
}

main().catch(failWith)

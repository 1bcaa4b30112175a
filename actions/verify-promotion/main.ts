import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith, tell } from '../../src/adapters/action-log.ts'
import { judgedCommits } from '../../src/adapters/actions.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { lineText, verifyPromotionIn } from '../../src/cli/verify-promotion.ts'
import { type PullRunBody, pullRun } from '../../src/core/documents/pull-run.ts'
import { promotedChannel } from '../../src/core/judge/promoted-channel.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const root = resolve(workspace, core.getInput('folder') || '.')
  const path = core.getInput('path', { required: true }).replace(/\/+$/, '')
  const asked = { base: '', head: core.getInput('head'), pullRequest: core.getInput('pull-request') }
  const { base, head, pullRequest } = judgedCommits(asked)
  const folder = join(process.env.RUNNER_TEMP ?? workspace, 'sluice')
  const leave = ({ verdict, reason }: Pick<PullRunBody, 'verdict' | 'reason'>) => {
    const about = { family: 'promotion', pullRequest, headSha: head, baseSha: base, path } as const
    writeJson(join(folder, 'run.json'), pullRun.make({}, { ...about, verdict, reason }))
    if (verdict !== 'pass') failBecause(`the promotion does not hold: ${reason}`)
  }
  const git = createGit(root)
  const { channel, wrong } = promotedChannel(await git.changedFiles(await git.mergeBase(base, head), head))
  if (process.argv[2] !== 'verify' || channel === null) {
    core.setOutput('evidence', folder)
    core.setOutput('channel', channel ?? '')
    if (wrong !== null) leave({ verdict: 'fail', reason: wrong })
    else if (channel === null) leave({ verdict: 'pass', reason: 'nothing of channels/ changes' })
    return
  }
  const today = new Date().toISOString().slice(0, 10)
  const request = { channel, base, head, data: path, policy: 'gates/model.yaml', today }
  const document = await verifyPromotionIn(root, request, (line) => tell(lineText(line)))
  writeJson(join(folder, 'promotion.json'), document)
  leave(document.body)
}

main().catch(failWith)

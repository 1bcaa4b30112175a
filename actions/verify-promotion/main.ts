import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith, tell } from '../../src/adapters/action-log.ts'
import { numberInput, pathInput } from '../../src/adapters/actions.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { lineText, verifyPromotionIn } from '../../src/cli/verify-promotion.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const root = resolve(workspace, core.getInput('folder') || '.')
  const path = pathInput(core.getInput('path', { required: true }))
  const channel = core.getInput('channel', { required: true })
  const base = core.getInput('base', { required: true })
  const head = core.getInput('head', { required: true })
  const today = new Date().toISOString().slice(0, 10)
  const origin = { repository: process.env.GITHUB_REPOSITORY, token: core.getInput('github-token') }
  const request = { channel, base, head, data: path, policy: 'gates/model.yaml', today, origin }
  const document = await verifyPromotionIn(root, request, (line) => tell(lineText(line)))
  const { verdict, reason } = document.body
  const pullRequest = numberInput('pull-request', core.getInput('pull-request'))
  const about = { family: 'promotion', pullRequest, headSha: head, baseSha: base, path, verdict, reason } as const
  const folder = join(process.env.RUNNER_TEMP ?? workspace, 'sluice')
  writeJson(join(folder, 'promotion.json'), document)
  writeJson(join(folder, 'run.json'), pullRun.make({}, about))
  core.setOutput('evidence', folder)
  core.setOutput('verdict', verdict)
  if (verdict !== 'pass') failBecause(`the promotion does not hold: ${reason}`)
}

main().catch(failWith)

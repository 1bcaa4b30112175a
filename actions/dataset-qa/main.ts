import { join } from 'node:path'
import * as core from '@actions/core'
import { baseFile, pullRequestEvent, report } from '../../src/adapters/actions.ts'
import { readFetched } from '../../src/adapters/dvc/fetch.ts'
import { readText, writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createForge } from '../../src/adapters/github.ts'
import { folderAt } from '../../src/adapters/revision.ts'
import { home } from '../../src/adapters/tools.ts'
import { gatePolicy, waivers } from '../../src/core/documents/declared.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { UsageError } from '../../src/core/errors.ts'
import { judgeDataset } from '../../src/journeys/dataset-qa.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const path = core.getInput('path', { required: true }).replace(/\/+$/, '')
  const token = core.getInput('github-token')
  const event = pullRequestEvent()
  const revision = core.getInput('base') || event?.baseSha || ''
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  await using base = revision ? await folderAt(root, await createGit(root).resolve(revision)) : null

  const before = base && (await readFetched(base.path, path, { repository: root }))
  const head = await readFetched(root, path, base ? { trusted: base.path, repository: root } : {})
  if (!head) throw new UsageError('there is no such data set', { where: path, mend: 'check the input path' })
  const policyFile =
    baseFile(base?.path ?? root, core.getInput('policy'), 'gates/dataset.yaml') ?? join(home, 'gates/dataset.yaml')
  const waiversFile = baseFile(base?.path ?? root, core.getInput('waivers'), 'gates/waivers.yaml')
  const policy = parseDeclared(gatePolicy, readText(policyFile), policyFile)
  const accepted = waiversFile ? parseDeclared(waivers, readText(waiversFile), waiversFile) : null
  const today = new Date().toISOString().slice(0, 10)

  const qa = judgeDataset({ head, base: before, path, options: { policy, waivers: accepted, today } })
  const folder = join(process.env.RUNNER_TEMP ?? root, 'sluice')
  writeJson(join(folder, 'findings.json'), qa.findings)
  if (qa.diff) writeJson(join(folder, 'diff.json'), qa.diff)
  core.setOutput('verdict', qa.findings.body.verdict)
  core.setOutput('errors', qa.findings.body.counts.error)
  core.setOutput('warnings', qa.findings.body.counts.warning)
  core.setOutput('findings', join(folder, 'findings.json'))
  core.setOutput('diff', qa.diff ? join(folder, 'diff.json') : '')

  const forge = token && event ? createForge({ repository, token }) : null
  await report(forge, event, { name: 'sluice / data set', topic: 'data-set', ...qa, summary: qa.comment })
  if (qa.conclusion !== 'success') core.setFailed(`the data set does not pass: ${qa.title}`)
}

main().catch((error: Error & { where?: string; mend?: string }) =>
  core.setFailed([error.where, error.message, error.mend].filter(Boolean).join(': ')),
)

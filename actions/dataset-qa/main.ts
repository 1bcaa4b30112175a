import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { annotate, failBecause, failWith } from '../../src/adapters/action-log.ts'
import { judgedCommits, pathInput } from '../../src/adapters/actions.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { type Opened, openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { proposalRules } from '../../src/adapters/proposal-rules.ts'
import { leaveReason, type RunSubject } from '../../src/adapters/run-evidence.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { judgeDataset } from '../../src/journeys/dataset-qa.ts'

const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
const folder = join(process.env.RUNNER_TEMP ?? workspace, 'sluice')

async function main(): Promise<void> {
  const path = pathInput(core.getInput('path', { required: true }))
  const asked = { base: core.getInput('base'), head: core.getInput('head'), pullRequest: core.getInput('pull-request') }
  const { pullRequest, head, base } = judgedCommits(asked)
  const about: RunSubject = { family: 'data set', pullRequest, headSha: head, baseSha: base, path }
  await judge(about).catch((error) => {
    leaveReason(folder, about, error)
    throw error
  })
}

async function judge(about: RunSubject): Promise<void> {
  const { baseSha: revision, path } = about
  const root = resolve(workspace, core.getInput('folder') || '.')
  // Labels of both, and only those images that the base does not have.
  const options = { cwd: root, md5: true }
  await using versions = revision ? await openVersions(revision, path, { ...options, images: 'changed' }) : null
  await using alone = versions ? null : await openDataset(path, { ...options, images: 'all' })
  const opened = (versions?.head ?? alone) as Opened
  const named = { policy: core.getInput('policy'), waivers: core.getInput('waivers') }
  const specs = { spec: opened.spec, baseSpec: versions?.base?.spec ?? null }
  const rules = await proposalRules(root, { baseText: versions?.baseText ?? null, ...specs }, named)
  const base = versions?.base?.dataset ?? null
  const qa = judgeDataset({ head: opened.dataset, base, path, options: rules })

  const { counts, verdict } = qa.findings.body
  const run = pullRun.make(qa.findings.subject, { ...about, verdict, reason: qa.title })
  const documents = { findings: qa.findings, diff: qa.diff, drift: qa.drift, run }
  for (const [name, document] of Object.entries(documents))
    if (document) writeJson(join(folder, `${name}.json`), document)
  core.setOutput('evidence', folder)
  core.setOutput('verdict', verdict)
  core.setOutput('errors', counts.error)
  core.setOutput('warnings', counts.warning)
  annotate(qa.annotations)
  await core.summary.addRaw(qa.comment, true).write()
  if (qa.conclusion !== 'success') failBecause(`the data set does not pass: ${qa.title}`)
}

main().catch(failWith)

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { annotate, failBecause, failWith } from '../../src/adapters/action-log.ts'
import { datasetGates, judgedCommits, pathInput } from '../../src/adapters/actions.ts'
import { readMigrations } from '../../src/adapters/dataset/migrations.ts'
import { readText, writeJson } from '../../src/adapters/files.ts'
import { type Opened, openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { judgeDataset } from '../../src/journeys/dataset-qa.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const root = resolve(workspace, core.getInput('folder') || '.')
  const path = pathInput(core.getInput('path', { required: true }))
  const asked = { base: core.getInput('base'), head: core.getInput('head'), pullRequest: core.getInput('pull-request') }
  const commits = judgedCommits(asked)
  const revision = commits.base
  // Labels of both, and only those images that the base does not have.
  const options = { cwd: root, md5: true }
  await using versions = revision ? await openVersions(revision, path, { ...options, images: 'changed' }) : null
  await using alone = versions ? null : await openDataset(path, { ...options, images: 'all' })
  const opened = (versions?.head ?? alone) as Opened
  const own = async (file: string) => (existsSync(join(root, file)) ? readText(join(root, file)) : null)
  const read = versions?.baseText ?? own
  const named = { policy: core.getInput('policy'), waivers: core.getInput('waivers') }
  const gates = await datasetGates(read, named)
  const declared = { baseSpec: versions?.base?.spec ?? null, migrations: readMigrations(root) }
  const today = new Date().toISOString().slice(0, 10)

  const qa = judgeDataset({
    head: opened.dataset,
    base: versions?.base?.dataset ?? null,
    path,
    options: { ...gates, ...declared, spec: opened.spec, today },
  })
  const folder = join(process.env.RUNNER_TEMP ?? workspace, 'sluice')
  const { counts, verdict } = qa.findings.body
  const about = { pullRequest: commits.pullRequest, headSha: commits.head, baseSha: revision, path }
  const run = pullRun.make(qa.findings.subject, { family: 'data set', ...about, verdict, reason: qa.title })
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

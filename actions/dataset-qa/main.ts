import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { datasetGates, pullRequestEvent, report } from '../../src/adapters/actions.ts'
import { readMigrations } from '../../src/adapters/dataset/migrations.ts'
import { readText, writeJson } from '../../src/adapters/files.ts'
import { createForge } from '../../src/adapters/github.ts'
import { type Opened, openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { judgeDataset } from '../../src/journeys/dataset-qa.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const path = core.getInput('path', { required: true }).replace(/\/+$/, '')
  const token = core.getInput('github-token')
  const event = pullRequestEvent()
  const revision = core.getInput('base') || event?.baseSha || ''
  const repository = process.env.GITHUB_REPOSITORY ?? ''
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
  const folder = join(process.env.RUNNER_TEMP ?? root, 'sluice')
  const kept = (document: object | null, file: string) => {
    if (document) writeJson(join(folder, file), document)
    return document ? join(folder, file) : ''
  }
  core.setOutput('findings', kept(qa.findings, 'findings.json'))
  core.setOutput('diff', kept(qa.diff, 'diff.json'))
  core.setOutput('drift', kept(qa.drift, 'drift.json'))
  core.setOutput('verdict', qa.findings.body.verdict)
  core.setOutput('errors', qa.findings.body.counts.error)
  core.setOutput('warnings', qa.findings.body.counts.warning)

  const forge = token && event ? createForge({ repository, token }) : null
  await report(forge, event, { name: 'sluice / data set', topic: 'data-set', ...qa, summary: qa.comment })
  if (qa.conclusion !== 'success') core.setFailed(`the data set does not pass: ${qa.title}`)
}

main().catch((error: Error & { where?: string; mend?: string }) =>
  core.setFailed([error.where, error.message, error.mend].filter(Boolean).join(': ')),
)

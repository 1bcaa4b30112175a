import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith } from '../../src/adapters/action-log.ts'
import { judgedCommits, pathInput } from '../../src/adapters/actions.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { openVersions } from '../../src/adapters/open-dataset.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import { UsageError } from '../../src/core/errors.ts'
import { diff, diffMarkdown, emptyLike, isEmpty } from '../../src/steps/diff.ts'

async function main(): Promise<void> {
  const workspace = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const root = resolve(workspace, core.getInput('folder') || '.')
  const path = pathInput(core.getInput('path', { required: true }))
  const { base: baseSha } = judgedCommits({ base: core.getInput('base'), head: '', pullRequest: '' })
  if (baseSha === '') {
    throw new UsageError('there is nothing to compare with: the run is about no pull request', {
      where: 'base',
      mend: 'give a revision, HEAD~1 for example',
    })
  }
  const revision = core.getInput('head')
  const headReference = revision === '' ? path : `${revision}:${path}`
  await using versions = await openVersions(`${baseSha}:${path}`, headReference, { cwd: root, md5: true })
  const head = versions.head.dataset
  const base = versions.base?.dataset ?? emptyLike(head)
  const document = diff(base, head, { ...datasetDigests(head), base: datasetDigests(base).labels })
  const file = join(process.env.RUNNER_TEMP ?? workspace, 'sluice-diff', 'diff.json')
  writeJson(file, document)
  const { images, boxes } = document.body
  const { added, removed, renamed, resplit, modified } = images
  core.setOutput('changed', !isEmpty(document.body))
  core.setOutput('images', added + removed + renamed + resplit + modified)
  core.setOutput('added', boxes.added)
  core.setOutput('removed', boxes.removed)
  core.setOutput('moved', boxes.moved)
  core.setOutput('relabelled', boxes.relabelled)
  core.setOutput('diff', file)
  await core.summary.addRaw(`${diffMarkdown(document.body)}\n`, true).write()
}

main().catch(failWith)

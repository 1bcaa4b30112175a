import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith, summarize } from '../../src/adapters/action-log.ts'
import { numberInput, pathInput } from '../../src/adapters/actions.ts'
import { bringDataset } from '../../src/adapters/bring-dataset.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { readPipeline } from '../../src/adapters/ultralytics/read-pipeline.ts'
import { createUltralyticsTrainer } from '../../src/adapters/ultralytics/trainer.ts'
import { createConsole } from '../../src/cli/console.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { smokeTrain } from '../../src/steps/smoke.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const scratch = process.env.RUNNER_TEMP ?? root
  const trust = process.env.GITHUB_SHA || 'HEAD'
  const path = pathInput(core.getInput('path', { required: true }))
  // The recipe is the default branch's: a proposal brings data, never how it is trained on.
  const pipeline = readPipeline(join(root, 'pipelines/smoke.yaml'))
  const data = join(scratch, 'sluice-smoke-data')
  const dataset = await bringDataset(resolve(root, core.getInput('folder') || '.'), path, {
    trust,
    splits: ['train'],
    folder: data,
  })
  const ports = { trainer: createUltralyticsTrainer(), storage: createStorage(), clock: { now: () => new Date() } }
  const { document } = await smokeTrain(ports, {
    pipeline,
    dataset,
    root: data,
    output: join(scratch, 'sluice-smoke'),
    subject: datasetDigests(dataset),
    progress: createConsole().progress('smoke train'),
  })
  const evidence = join(scratch, 'sluice-smoke-evidence')
  const about = {
    family: 'model',
    pullRequest: numberInput('pull-request', core.getInput('pull-request')),
    path,
    baseSha: trust,
  } as const
  const headSha = core.getInput('head', { required: true })
  const { verdict, reason, seconds: gpuSeconds } = document.body
  writeJson(join(evidence, 'smoke.json'), document)
  writeJson(join(evidence, 'run.json'), pullRun.make({}, { ...about, headSha, verdict, reason, gpuSeconds }))
  core.setOutput('evidence', evidence)
  core.setOutput('verdict', verdict)
  await summarize(`Smoke train: ${verdict}. ${reason}`)
  if (verdict !== 'pass') failBecause(`the smoke train does not pass: ${reason}`)
}

main().catch(failWith)

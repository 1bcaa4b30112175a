import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith } from '../../src/adapters/action-log.ts'
import { numberInput, pathInput } from '../../src/adapters/actions.ts'
import { bringDataset } from '../../src/adapters/bring-dataset.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { createImages } from '../../src/adapters/images.ts'
import { modelPolicies } from '../../src/adapters/model-policies.ts'
import { createLatencyMeasure } from '../../src/adapters/onnx/latency.ts'
import { measuredOn } from '../../src/adapters/onnx/latency-target.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { bringReleaseFile } from '../../src/adapters/release-files.ts'
import { keepCandidate } from '../../src/adapters/release-kept.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { readArms } from '../../src/adapters/trained-arms.ts'
import { readPipeline } from '../../src/adapters/ultralytics/read-pipeline.ts'
import { createConsole } from '../../src/cli/console.ts'
import { writeModelPage } from '../../src/cli/model-page.ts'
import { pullRun } from '../../src/core/documents/pull-run.ts'
import { judgeArms, servedAsUsual } from '../../src/journeys/judge-arms.ts'
import { championOf } from '../../src/steps/champion.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const { RUNNER_TEMP: scratch = root, GITHUB_SHA: trust = 'HEAD' } = process.env
  const headSha = core.getInput('head', { required: true })
  const path = pathInput(core.getInput('path', { required: true }))
  const given = readArms(resolve(root, core.getInput('arms', { required: true })))
  const git = createGit(root)
  const champion = await championOf(git, trust, core.getInput('channel'))
  const artifact = join(scratch, 'champion.onnx')
  const file = champion && { ...champion.manifest, revision: trust, digest: champion.artifact, suffix: '.onnx' }
  if (file) await bringReleaseFile(root, { ...file, to: artifact })
  const brought = { trust, splits: ['val'] as const, folder: join(scratch, 'sluice-val-data') }
  const dataset = await bringDataset(resolve(root, core.getInput('folder') || '.'), path, brought)
  const { imageSize } = readPipeline(join(root, 'pipelines/candidate.yaml'))
  const tools = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
  const on = measuredOn({ target: core.getInput('target'), provider: core.getInput('provider') }, 1)
  const ports = { ...tools, measure: createLatencyMeasure(), progress: createConsole().progress }
  const judged = await judgeArms(ports, {
    ...{ ...given, ...on, champion: champion && { artifact, tensors: champion.manifest.tensors } },
    ...{ dataset, serving: servedAsUsual(imageSize), today: new Date().toISOString().slice(0, 10) },
    ...{ ...modelPolicies(root), read: (file) => git.show(trust, file) },
  })
  const { verdict, reason } = judged.overall
  const pullRequest = numberInput('pull-request', core.getInput('pull-request'))
  const about = { family: 'model', pullRequest, headSha, baseSha: trust, path, verdict, reason } as const
  const run = pullRun.make({}, { ...about, gpuSeconds: judged.gpuSeconds })
  const documents = { ...judged.documents, 'verdict.json': judged.verdict, 'run.json': run }
  for (const [name, document] of Object.entries(documents)) writeJson(join(scratch, 'sluice', name), document)
  core.setOutput('page', await writeModelPage(scratch, judged, { ...about, dataset, show: core.getInput('show') }))
  core.setOutput('evidence', join(scratch, 'sluice'))
  core.setOutput('candidate', keepCandidate(join(scratch, 'sluice-candidate'), judged))
  core.setOutput('verdict', verdict)
  if (verdict !== 'pass') failBecause(`the candidate does not pass: ${reason}`)
}

main().catch(failWith)

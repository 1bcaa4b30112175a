import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith } from '../../src/adapters/action-log.ts'
import { pathInput } from '../../src/adapters/actions.ts'
import { bringDataset } from '../../src/adapters/bring-dataset.ts'
import { writeJson } from '../../src/adapters/files.ts'
import { createGit } from '../../src/adapters/git.ts'
import { bringReleaseFile } from '../../src/adapters/release-files.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { readPipeline } from '../../src/adapters/ultralytics/read-pipeline.ts'
import { createUltralyticsTrainer } from '../../src/adapters/ultralytics/trainer.ts'
import { createConsole } from '../../src/cli/console.ts'
import { filesOfSplit } from '../../src/cli/training-images.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import { UsageError } from '../../src/core/errors.ts'
import { championOf } from '../../src/steps/champion.ts'
import { exportModel } from '../../src/steps/export.ts'
import { trainModel } from '../../src/steps/train.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const scratch = process.env.RUNNER_TEMP ?? root
  const trust = process.env.GITHUB_SHA || 'HEAD'
  const role = core.getInput('role', { required: true })
  if (role !== 'champion' && role !== 'candidate' && role !== 'control') throw new UsageError(`no role "${role}"`)
  const seed = Number(core.getInput('seed') || '0')
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError('the seed is no whole number from 0')
  // The recipe is the default branch's: a proposal brings data, never how it is trained on.
  const pipeline = readPipeline(join(root, `pipelines/${role === 'champion' ? 'champion' : 'candidate'}.yaml`))
  const checkout = resolve(root, core.getInput('folder') || '.')
  const path = pathInput(core.getInput('path', { required: true }))
  const data = join(scratch, 'sluice-data')
  const dataset = await bringDataset(checkout, path, { trust, splits: ['train', 'val'], folder: data })
  const champion = role === 'champion' ? null : await championOf(createGit(root), trust, core.getInput('channel'))
  const startFrom = champion ? join(scratch, 'champion.pt') : null
  if (champion && startFrom) {
    const { model, version, artifacts } = champion.manifest
    const digest = artifacts.find(({ format }) => format === 'pytorch')?.sha256 ?? ''
    await bringReleaseFile(root, { model, version, revision: trust, digest, suffix: '.pt', to: startFrom })
  }
  const output = join(scratch, 'sluice-arm')
  const files = (split: 'train' | 'val') => filesOfSplit({ dataset, root: data }, split)
  const { images: train, labels } = files('train')
  const console = createConsole()
  const ports = { trainer: createUltralyticsTrainer(), storage: createStorage(), clock: { now: () => new Date() } }
  const common = { classes: dataset.classes, startFrom, seed, output, subject: datasetDigests(dataset) }
  const given = { pipeline, role, train, labels, val: files('val').images, ...common } as const
  const run = await trainModel(ports, { ...given, progress: console.progress(`training the ${role}`) })
  const { imageSize, threads } = pipeline
  const wanted = { weights: join(output, 'last.pt'), imageSize, output, threads, formats: ['onnx' as const] }
  await exportModel(ports, { ...wanted, calibration: [], forbidden: [], progress: console.progress('export') })
  writeJson(join(output, 'train-run.json'), run)
  core.setOutput('folder', output)
}

main().catch(failWith)

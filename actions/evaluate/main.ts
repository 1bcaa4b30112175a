import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failWith, summarize } from '../../src/adapters/action-log.ts'
import { pathInput, pullRequestEvent } from '../../src/adapters/actions.ts'
import { bringDataset } from '../../src/adapters/bring-dataset.ts'
import { readText } from '../../src/adapters/files.ts'
import { command } from '../../src/cli/commands/evaluate.ts'
import { createConsole } from '../../src/cli/console.ts'
import { splitOf } from '../../src/cli/serving-options.ts'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const scratch = process.env.RUNNER_TEMP ?? root
  const model = resolve(root, core.getInput('model', { required: true }))
  const split = splitOf(core.getInput('split') || undefined)
  const size = core.getInput('image-size')
  // Of a proposal the base says where data comes from, never the proposal itself.
  const trust = pullRequestEvent()?.baseSha ?? (process.env.GITHUB_SHA || 'HEAD')
  const data = join(scratch, 'sluice-evaluate-data')
  await bringDataset(
    resolve(root, core.getInput('folder') || '.'),
    pathInput(core.getInput('path', { required: true })),
    { trust, splits: [split], folder: data },
  )
  const folder = join(scratch, 'sluice-evaluation')
  const file = (name: string) => join(folder, name)
  const asked = [`--model=${model}`, `--data=${data}`, `--split=${split}`, ...(size ? [`--image-size=${size}`] : [])]
  const files = [`--evidence=${file('evaluation.json')}`, `--hard=${file('hard.json')}`, `--html=${file('hard.html')}`]
  await command.run([...asked, ...files], createConsole())
  const { body } = parseEvidence(evaluation, readText(file('evaluation.json')), file('evaluation.json'))
  const [map = -1, map50 = -1] = body.coco.stats
  core.setOutput('map', map)
  core.setOutput('map50', map50)
  core.setOutput('images', body.images)
  core.setOutput('folder', folder)
  const said = `mAP ${map.toFixed(4)}, mAP50 ${map50.toFixed(4)} on ${body.images} images of the split ${split}`
  await summarize(said)
}

main().catch(failWith)

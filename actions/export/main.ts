import { join, resolve } from 'node:path'
import * as core from '@actions/core'
import { failBecause, failWith } from '../../src/adapters/action-log.ts'
import { pathInput, pullRequestEvent } from '../../src/adapters/actions.ts'
import { bringDataset } from '../../src/adapters/bring-dataset.ts'
import { readText } from '../../src/adapters/files.ts'
import { command } from '../../src/cli/commands/export.ts'
import { createConsole } from '../../src/cli/console.ts'
import { exitCodes } from '../../src/core/errors.ts'
import type { Artifact } from '../../src/steps/export.ts'

async function main(): Promise<void> {
  const root = process.env.GITHUB_WORKSPACE ?? process.cwd()
  const scratch = process.env.RUNNER_TEMP ?? root
  const weights = resolve(root, core.getInput('weights', { required: true }))
  const path = pathInput(core.getInput('path'))
  const formats = core.getInput('formats')
  const pipeline = core.getInput('pipeline')
  // Of a proposal the base says where data comes from, never the proposal itself.
  const trust = pullRequestEvent()?.baseSha ?? (process.env.GITHUB_SHA || 'HEAD')
  const data = join(scratch, 'sluice-export-data')
  const checkout = resolve(root, core.getInput('folder') || '.')
  // Validation and test images come too: an image among them may not calibrate, under whatever name.
  const wanted = { trust, splits: ['train', 'val', 'test'] as const, folder: data }
  if (path) await bringDataset(checkout, path, wanted)
  const folder = join(scratch, 'sluice-artifacts')
  const record = join(scratch, 'sluice-export.json')
  const asked = [weights, `--output=${folder}`, `--json=${record}`, ...(path ? [`--data=${data}`] : [])]
  if (formats) asked.push(`--formats=${formats}`)
  if (pipeline) asked.push(`--pipeline=${resolve(root, pipeline)}`)
  const code = await command.run(asked, createConsole())
  const artifacts = JSON.parse(readText(record)) as Artifact[]
  core.setOutput('folder', folder)
  core.setOutput('artifacts', JSON.stringify(artifacts))
  const lines = artifacts.map(({ format, sha256, bytes, missing }) =>
    missing ? `- ${format}: ${missing}` : `- ${format}: ${bytes} bytes, \`${sha256}\``,
  )
  await core.summary.addRaw(`${lines.join('\n')}\n`, true).write()
  const missing = artifacts.filter((artifact) => artifact.missing).map(({ format }) => format)
  if (code !== exitCodes.pass) failBecause(`not every format was exported: ${missing.join(', ')}`)
}

main().catch(failWith)

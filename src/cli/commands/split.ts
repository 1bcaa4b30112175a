import { join } from 'node:path'
import { datasetFolder, decodeImages, readDataset } from '../../adapters/dataset.ts'
import { writeJson, writeWhole } from '../../adapters/files.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { printSplit, splitDataset } from '../../steps/split.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const ties = ['scene', 'video', 'camera', 'uploader'] as const

export const command: Command = {
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean' } as const
    const { values, positionals } = readArguments(
      args,
      { val: text, test: text, by: text, json: text, decode: flag, 'dry-run': flag },
      { least: 1, most: 1, names: 'PATH' },
    )
    const [val, test] = [shareOf('--val', values.val ?? '0.2'), shareOf('--test', values.test ?? '0')]
    if (val + test >= 1) throw new UsageError('--val and --test leave nothing to train on')
    const dataset = readDataset(positionals[0] as string, { md5: true })
    const folder = datasetFolder(dataset)
    if (dataset.format !== 'yolo' || dataset.images.some(({ file }) => !file.startsWith('images/'))) {
      throw new UsageError('splits are lists of a data set in YOLO form with its images below images/', {
        where: dataset.root,
        mend: 'sluice convert writes it so',
      })
    }
    const unsafe = dataset.images.find(({ file }) => /[\r\n]/.test(file))
    if (unsafe) throw new UsageError('a file name with a line break cannot stand in a list', { where: unsafe.file })
    if (dataset.images.length === 0) throw new UsageError('there is no image', { where: dataset.root })
    if (values.decode) await decodeImages(dataset, console.progress('decode'))
    const result = splitDataset(dataset, { val, test, by: listOf(values.by ?? 'scene,video') })
    if (!values['dry-run']) {
      for (const name of ['train', 'val', 'test'] as const) {
        const lines = result.lists[name]
        if (lines.length > 0) writeWhole(join(folder, 'splits', `${name}.txt`), `${lines.join('\n')}\n`)
      }
    }
    if (values.json) writeJson(values.json, result.body)
    printSplit(result, console)
    if (values['dry-run']) console.print('nothing was written')
    return exitCodes.pass
  },
}

function shareOf(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value < 1) return value
  throw new UsageError(`${option}: "${text}" is not a share from 0 to 1`)
}

function listOf(text: string): (typeof ties)[number][] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => {
      const known = ties.find((tie) => tie === word)
      if (known) return known
      throw new UsageError(`--by: "${word}" is none of ${ties.join(', ')}`)
    })
}

import { resolve } from 'node:path'
import { datasetFolder, readDataset, readSpec } from '../../adapters/dataset.ts'
import { writeJson } from '../../adapters/files.ts'
import { createStorage } from '../../adapters/storage.ts'
import { printable } from '../../core/documents/printable.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { writeCocoDataset, writeYoloDataset } from '../../steps/convert.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean' } as const
    const { values, positionals } = readArguments(
      args,
      { to: text, val: text, test: text, source: text, json: text, 'keep-defects': flag, 'accept-loss': flag },
      { least: 2, most: 2, names: 'IN OUT' },
    )
    const [input, output] = positionals as [string, string]
    if (values.to !== 'yolo' && values.to !== 'coco') {
      throw new UsageError(`--to ${values.to ?? ''}: expected yolo or coco`, { mend: 'add --to yolo' })
    }
    const spec = /\.ya?ml$/i.test(input) ? readSpec(input)?.body : undefined
    const dataset = readDataset(input, spec ? { spec } : {})
    const ports = { storage: createStorage(), progress: console.progress('copy') }
    const common = {
      dataset,
      from: datasetFolder(dataset),
      to: resolve(output),
      acceptLoss: values['accept-loss'] ?? false,
    }
    const shares = { val: share(values.val, '--val', 0.2), test: share(values.test, '--test', 0) }
    const keepDefects = values['keep-defects'] ?? false
    const written =
      values.to === 'yolo'
        ? writeYoloDataset(ports, {
            ...common,
            ...shares,
            keepDefects,
            ...(values.source ? { source: values.source } : {}),
          })
        : writeCocoDataset(ports, common)
    if (values.json) writeJson(values.json, written)
    for (const lost of written.lost) console.print(printable(`lost: ${lost}`))
    console.print(`${written.images} images and ${dataset.boxes.count} boxes written to ${output}`)
    return exitCodes.pass
  },
}

function share(value: string | undefined, option: string, otherwise: number): number {
  const number = value === undefined ? otherwise : Number(value)
  if (number >= 0 && number < 1 && value !== '') return number
  throw new UsageError(`${option} ${value}: expected a share from 0 to below 1`)
}

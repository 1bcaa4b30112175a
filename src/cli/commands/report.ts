import { resolve } from 'node:path'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes } from '../../core/errors.ts'
import { writeReport } from '../../journeys/story-report.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  usage:
    'usage: sluice report FOLDER\n\nRenders the page of a story folder (.sluice/demo) again, from the documents that the story left there.',
  run: async (args, console) => {
    const { positionals } = readArguments(args, {}, { least: 1, most: 1, names: 'a story folder' })
    console.print(writeReport({ storage: createStorage() }, resolve(positionals[0] ?? '.')))
    return exitCodes.pass
  },
}

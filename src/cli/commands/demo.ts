import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { removeFolder, writeJson } from '../../adapters/files.ts'
import { createImages } from '../../adapters/images.ts'
import { createStorage } from '../../adapters/storage.ts'
import { exitCodes, ToolError, UsageError } from '../../core/errors.ts'
import type { DemoTools } from '../../journeys/demo-tools.ts'
import { ownData } from '../../journeys/own-data.ts'
import { tellStory } from '../../journeys/tell-story.ts'
import { worksiteData } from '../../journeys/worksite-data.ts'
import type { Console } from '../../ports.ts'
import { readArguments } from '../arguments.ts'
import { demoTools } from '../demo-tools.ts'
import type { Command } from '../main.ts'

const options = {
  data: { type: 'string' },
  output: { type: 'string', default: '.sluice/demo' },
  fresh: { type: 'boolean', default: false },
  json: { type: 'string' },
} as const

export const command: Command = {
  run: async (args, console) => {
    const { values } = readArguments(args, options, { least: 0, most: 0, names: '' })
    const root = resolve(
      values.data && values.output === options.output.default ? `${values.output}-own` : values.output,
    )
    if (values.data && `${root}/`.startsWith(`${resolve(values.data)}/`)) {
      throw new UsageError('the story would be written into your data set', {
        where: root,
        mend: 'name a folder outside it with --output',
      })
    }
    if (values.fresh) removeFolder(root, 'world.json')
    const stop = new AbortController()
    // Not once: a library of ours ends the process by the signal when nobody else listens any more.
    const interrupt = () => stop.abort(new ToolError('stopped', { mend: 'run it again: it goes on where it was' }))
    process.on('SIGINT', interrupt)
    process.on('SIGTERM', interrupt)
    try {
      const tools = demoTools(console, stop.signal)
      const world = values.data
        ? await ownData(tools, resolve(values.data))
        : worksiteData({ storage: createStorage(), images: createImages() })
      return await tell(tools, world, root, values.json, console)
    } finally {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', interrupt)
    }
  },
}

async function tell(
  tools: DemoTools,
  world: Parameters<typeof tellStory>[1],
  root: string,
  json: string | undefined,
  console: Console,
): Promise<number> {
  console.log(`sluice demo: ${world.name}, on ${availableParallelism()} cores; stop it with Ctrl-C, it goes on later`)
  const story = await tellStory(tools, world, root)
  if (json) writeJson(resolve(json), story)
  console.print(`${story.verdict}: ${story.reason}\nreport: ${root}/${story.report}`)
  // On somebody's own data an honest "inconclusive" is a fine end; the embedded world must go as told.
  return story.verdict === 'pass' || world.source === 'own'
    ? exitCodes.pass
    : story.verdict === 'fail'
      ? exitCodes.fail
      : exitCodes.inconclusive
}

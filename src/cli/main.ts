import { verbs } from '../../bin/verbs.mjs'
import { exitCodes } from '../core/errors.ts'
import type { Console } from '../ports.ts'
import { createConsole } from './console.ts'
import { explain } from './explain.ts'

/** One verb, whose --help stands in usage/<verb>.ts: reads its arguments, wires adapters into a step, prints, returns the exit code. */
export type Command = {
  run: (args: string[], console: Console) => Promise<number>
}

/** Runs one command line; every error becomes a message and an exit code. */
export async function main(args: string[]): Promise<number> {
  const [verb = '', ...rest] = args
  const console = createConsole()
  try {
    const known = verbs.find(([name]) => name === verb)
    if (!known) {
      const { nearest } = await import('../core/documents/suggest.ts')
      const hint = nearest(
        verb,
        verbs.map(([name]) => name as string),
      )
      console.log(
        `sluice: there is no verb "${verb}"${hint ? `; did you mean "${hint}"?` : ''}\n  sluice --help lists them`,
      )
      return exitCodes.usage
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      // Arguments and options stand in a file of their own: help needs nothing of what the command does.
      const { usage } = (await import(`./usage/${verb}.ts`)) as { usage: string }
      console.print(`sluice ${verb}: ${known[1]}\n\n${usage.trim()}\n\nexample: ${known[2]}`)
      return exitCodes.pass
    }
    const { command } = (await import(`./commands/${verb}.ts`)) as { command: Command }
    return await command.run(rest, console)
  } catch (error) {
    return explain(error, console)
  }
}

import { resolve } from 'node:path'
import { refuseTakenPort, startServer } from '../../adapters/serve/server.ts'
import { defaultServing, readSource } from '../../adapters/serve/source.ts'
import { UsageError } from '../../core/errors.ts'
import type { Serving } from '../../ports.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

const options = {
  champion: { type: 'string' },
  challenger: { type: 'string' },
  'champion-manifest': { type: 'string' },
  'challenger-manifest': { type: 'string' },
  port: { type: 'string', default: '8000' },
  model: { type: 'string', default: 'model' },
  size: { type: 'string' },
  threads: { type: 'string', default: '1' },
  'max-body': { type: 'string', default: '32' },
} as const

/** Serves until a signal; returns when the last answer is out. */
export const command: Command = {
  run: async (args, console) => {
    const { values } = readArguments(args, options, { least: 0, most: 0, names: '' })
    if (values.champion === undefined) {
      throw new UsageError('there is no model to serve', { mend: 'name one: sluice serve --champion model.onnx' })
    }
    const port = whole(values.port, '--port', 0, 65_535)
    // A taken port should not cost the time that loading the models takes.
    await refuseTakenPort(port)
    const size = whole(values.size ?? String(defaultServing.imageSize), '--size', 32, 4096)
    const serving: Serving = { ...defaultServing, imageSize: size }
    const challenger = values.challenger
    const server = await startServer({
      model: values.model,
      champion: readSource(resolve(values.champion), values['champion-manifest'], serving),
      ...(challenger === undefined
        ? {}
        : { challenger: readSource(resolve(challenger), values['challenger-manifest'], serving) }),
      port,
      maxBodyBytes: whole(values['max-body'], '--max-body', 1, 1024) * 1024 * 1024,
      limits: { threads: whole(values.threads, '--threads', 1, 256) },
    })
    const { champion, challenger: shadow } = server.status()
    console.log(`champion ${champion.version}${shadow ? `, challenger ${shadow.version} (shadow, weight 0)` : ''}`)
    console.print(server.url)
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
    })
    console.log('stopping')
    await server.stop()
    return 0
  },
}

function whole(value: string, option: string, low: number, high: number): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= low && number <= high) return number
  throw new UsageError(`${option} must be a whole number from ${low} to ${high}, not ${JSON.stringify(value)}`)
}

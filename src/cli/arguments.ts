import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '../core/documents/suggest.ts'
import { UsageError } from '../core/errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Reads a command line strictly; an unknown option is named with the nearest known one. */
export function readArguments<const O extends Options>(
  args: string[],
  options: O,
  positionals: { least: number; most: number; names: string },
) {
  const result = parse(args, options)
  const { length } = result.positionals
  if (length < positionals.least || length > positionals.most) {
    throw new UsageError(
      `expected ${positionals.names || 'no argument'}, got ${length} argument${length === 1 ? '' : 's'}`,
      {
        mend: 'see --help',
      },
    )
  }
  return result
}

function parse<const O extends Options>(args: string[], options: O) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    const unknown = /Unknown option '(-{1,2}[^']+)'/.exec((error as Error).message)?.[1]
    if (!unknown) throw new UsageError((error as Error).message, { mend: 'see --help' })
    const hint = nearest(
      unknown,
      Object.keys(options).map((name) => `--${name}`),
    )
    throw new UsageError(`there is no option ${unknown}${hint ? `; did you mean ${hint}?` : ''}`, {
      mend: 'see --help',
    })
  }
}

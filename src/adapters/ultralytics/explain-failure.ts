import { existsSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { Failure } from './run-driver.ts'

const mends: Record<string, string> = {
  'out-of-memory': 'take a smaller batch or imageSize, or a machine with more memory',
  'disk-full': 'free some space and run it again',
  'missing-image': 'fetch the images (dvc pull), or take them out of the split',
  'missing-file': 'check the path of the model or weights',
  'dropped-image': 'run sluice check on the data set: the trainer would have left these images out silently',
  diverged: 'lower lr0, or look for labels that cannot be learnt',
}
const givenWrong = new Set(['missing-image', 'missing-file', 'dropped-image', 'bad-job'])

/** Why the trainer ended without a result, as the error that people see. */
export function explainFailure(command: string, failure: Failure, logFile: string): Error {
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''
  const tail = lastLines(`${log}\n${failure.stderr}`, 12)
  const kind = failure.error?.kind ?? recognised(`${log}\n${failure.stderr}`, failure)
  const mend = mends[kind]
  if (failure.interrupted) return new ToolError('the trainer was interrupted', { command, mend: 'run it again' })
  if (failure.error && givenWrong.has(kind)) {
    return new UsageError(failure.error.message, mend === undefined ? {} : { mend })
  }
  const end = failure.signal ? `was killed by ${failure.signal}` : `ended with exit code ${failure.exitCode}`
  const why = failure.error?.message ?? words[kind]
  return new ToolError(`the trainer ${end}${why ? `: ${why}` : ''}`, {
    command,
    tail,
    mend: mend ?? `read the log: ${logFile}`,
  })
}

const words: Record<string, string> = {
  'out-of-memory': 'there was not enough memory',
  'disk-full': 'the disk is full',
}

/** The kind of a failure that the driver could not name itself, because it was killed or fell over early. */
function recognised(text: string, failure: Failure): string {
  if (/no space left on device|errno 28/i.test(text)) return 'disk-full'
  if (/out of memory|cannot allocate memory|memoryerror|std::bad_alloc/i.test(text)) return 'out-of-memory'
  // Nobody but the system's memory guard sends this to a trainer unasked.
  return failure.signal === 'SIGKILL' ? 'out-of-memory' : 'crash'
}

function lastLines(text: string, count: number): string {
  const lines = stripVTControlCharacters(text)
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
  return lines
    .slice(-count)
    .map((line) => line.slice(0, 240))
    .join('\n')
}

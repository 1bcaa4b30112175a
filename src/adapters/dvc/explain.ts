import { withoutSecrets } from '../../core/documents/printable.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import { secretsOf } from '../secrets.ts'

/** The last lines that say something: DVC's own words without its banners. */
function tailOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/Having any troubles|^<https:/.test(line))
    .slice(-12)
    .join('\n')
}

type Way = { seen: RegExp; what: (match: RegExpExecArray) => string; mend: string; usage?: boolean }

// The first that matches explains; the order is from the cause to the symptom.
const ways: Way[] = [
  {
    seen: /No space left on device|Errno 28|Disk quota exceeded/,
    what: () => 'the disk is full',
    mend: 'free some space (dvc gc -w removes unused objects of the cache), then run it again',
  },
  {
    seen: /Unable to acquire lock|is busy, it is being blocked|Failed to acquire/i,
    what: () => 'another DVC process holds this repository',
    mend: 'wait until it has ended and run it again; if none runs, remove .dvc/tmp/lock and .dvc/tmp/rwlock',
  },
  {
    seen: /no remote specified|no remote (?:is )?configured/i,
    what: () => 'no DVC remote is configured',
    mend: 'name one: dvc remote add -d storage <url or folder>',
    usage: true,
  },
  {
    seen: /not inside of a DVC repository/,
    what: () => 'this folder is no DVC repository',
    mend: 'run dvc init in the repository, and commit .dvc',
    usage: true,
  },
  {
    seen: /config file error: (.*)/,
    what: (match) => `DVC's configuration does not hold: ${match[1]}`,
    mend: 'look at .dvc/config and .dvc/config.local',
    usage: true,
  },
  {
    seen: /output '([^']+)' does not exist|'([^']+)' does not exist/,
    what: (match) => `there is no ${match[1] ?? match[2]}`,
    mend: 'check the path',
    usage: true,
  },
  {
    seen: /overlaps with|is already specified in stage|overlapping/i,
    what: () => 'two .dvc files would track the same data',
    mend: 'remove one of them with dvc remove',
    usage: true,
  },
  {
    seen: /is tracked by SCM|already tracked by SCM/i,
    what: () => 'git already tracks this data',
    mend: 'git rm -r --cached <path> first, then add it again',
    usage: true,
  },
  {
    seen: /Missing cache files|failed to download|Checkout failed for following targets|missing-files|No such file or directory: '([^']*files\/md5[^']*)'/,
    what: () => 'objects are missing from the cache and from the remote',
    mend: 'run dvc push where the data is complete, then run this again',
  },
  {
    seen: /corrupted|is not a valid|md5 mismatch/i,
    what: () => 'a stored object is damaged',
    mend: 'delete it from the cache, and dvc push it again from a sound copy',
  },
  {
    seen: /Unable to locate credentials|AccessDenied|Permission denied|403|401/,
    what: () => 'the DVC remote refuses access',
    mend: 'check the credentials in .dvc/config.local or in the environment',
  },
]

/** Turns a failed DVC command into an error that says the way out. */
export function dvcError(args: readonly string[], exitCode: number | undefined, said: string, cause: unknown): Error {
  const output = withoutSecrets(said, secretsOf())
  const command = `dvc ${args.slice(0, 4).join(' ')}${args.length > 4 ? ' …' : ''}`
  const tail = tailOf(output)
  for (const { seen, what, mend, usage } of ways) {
    const match = seen.exec(output)
    if (!match) continue
    const missing = [...output.matchAll(/^md5: ([0-9a-f]{32}(?:\.dir)?)$/gm)].map((line) => line[1])
    const named =
      missing.length > 0
        ? ` (${missing.length}: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', …' : ''})`
        : ''
    const message = `${what(match)}${named}`
    return usage
      ? new UsageError(message, { where: command, mend, cause })
      : new ToolError(message, { command, mend, tail, cause })
  }
  return new ToolError(`dvc failed${exitCode === undefined ? '' : ` with exit code ${exitCode}`}`, {
    command,
    tail,
    cause,
  })
}

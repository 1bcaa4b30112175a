import { secretsOf } from '../adapters/secrets.ts'
import { noCommand, withoutSecrets } from '../core/documents/printable.ts'
import type { Console, Progress } from '../ports.ts'

/** Text to people on stderr, results on stdout; bars only on a terminal. */
export function createConsole(
  out: NodeJS.WriteStream = process.stdout,
  err: NodeJS.WriteStream = process.stderr,
): Console {
  // A reader that stops early (sluice … | head) is no error of ours.
  for (const stream of [out, err]) stream.on('error', quietPipe)
  const secrets = secretsOf()
  /** A line without the secrets of the environment, and without what a CI runner would obey. */
  const safe = (line: string) => noCommand(withoutSecrets(line, secrets))
  const interactive = Boolean(err.isTTY) && !process.env.CI
  const color = interactive && !process.env.NO_COLOR
  return {
    interactive,
    color,
    print: (line) => void out.write(`${safe(line)}\n`),
    log: (line) => void err.write(`${safe(line)}\n`),
    progress: (label) => (interactive ? bar(label, err) : plain(label, err)),
  }
}

/** In a pipe: one line when work ends, so that a log stays readable. */
function plain(label: string, err: NodeJS.WriteStream): Progress {
  const started = performance.now()
  return {
    update: () => {},
    end: (summary) => void err.write(`${label}: ${summary ?? 'done'} (${seconds(performance.now() - started)})\n`),
  }
}

function bar(label: string, err: NodeJS.WriteStream): Progress {
  const started = performance.now()
  let drawn = 0
  return {
    update: (done, total, note) => {
      const now = performance.now()
      if (now - drawn < 100 && done < total) return
      drawn = now
      const ratio = total > 0 ? Math.min(1, done / total) : 0
      const left = ratio > 0.03 ? `, ${seconds(((now - started) * (1 - ratio)) / ratio)} left` : ''
      const filled = Math.round(ratio * 24)
      err.write(
        `\r\x1b[2K${label} ${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${Math.round(ratio * 100)} %${left}${note ? ` · ${note}` : ''}`,
      )
    },
    end: (summary) =>
      void err.write(`\r\x1b[2K${label}: ${summary ?? 'done'} (${seconds(performance.now() - started)})\n`),
  }
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

function quietPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { withoutSecrets } from '../../core/documents/printable.ts'
import { ToolError, UnavailableError } from '../../core/errors.ts'
import { secretsIn, secretsOf } from '../secrets.ts'
import { home, toolEnvironment } from '../tools.ts'
import type { DvcConfig } from './config.ts'
import { openIdentity, type RemoteIdentity } from './identity.ts'
import { pythonFor } from './python-for.ts'

/** A remote on a network, reached by DVC's own library in one Python process for as long as it is open. */
export type NetworkRemote = {
  /** Copies objects into a folder; returns the paths of those that the remote does not have. */
  fetch: (paths: readonly string[], into: string) => Promise<string[]>
  close: () => void
}

/** Opens a remote by its name; credentials come from the environment and from this machine's configuration. */
export function openNetworkRemote(config: DvcConfig, remote: string): NetworkRemote {
  let driver: Driver | null = null
  let identity: RemoteIdentity | null = null
  const known = [...secretsOf(), ...secretsIn(config.texts.machine), ...secretsIn(config.texts.repository)]
  const shown = (text: string) => withoutSecrets(text, [...known, ...(identity?.tokens ?? [])])
  return {
    fetch: async (paths, into) => {
      const python = await pythonFor(remote, config.urls.get(remote) ?? '')
      identity ??= openIdentity(config, remote)
      const ask = () => {
        driver ??= startDriver(config, remote, python, identity?.variables ?? {})
        return driver.ask({ paths, into })
      }
      const answer = await (identity ? identity.during(ask) : ask())
      if (answer.missing) return answer.missing
      if (answer.needs !== undefined) throw noRoom(paths.length, answer, remote)
      const why = shown((answer.error ?? '').replaceAll('\n', ' '))
      const refused = refusals.test(why)
      throw new UnavailableError(
        `objects unavailable: the remote "${remote}" ${refused ? 'refuses access' : 'cannot be reached'}: ${why}`,
        {
          command: `copy ${paths.length} objects from ${shown(config.urls.get(remote) ?? remote)}`,
          mend: 'check the network, the URL in .dvc/config of the base, and the credentials in the environment',
        },
      )
    },
    close: () => {
      driver?.close()
      identity?.close()
    },
  }
}

// In the words of the clouds' libraries, of an identity that is not taken too.
const refusals =
  /denied|forbidden|unauthori[sz]ed|not authori[sz]ed|credential|permission|signature|IdentityToken|ExpiredToken|invalid_grant|AADSTS|\b40[13]\b/i

type Answer = { missing?: string[]; error?: string; needs?: number; free?: number }
type Driver = { ask: (job: object) => Promise<Answer>; close: () => void }

/** Said before anything is fetched: a hosted runner has little disk, and one that is full fails somewhere else. */
function noRoom(count: number, { needs = 0, free = 0 }: Answer, remote: string): UnavailableError {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  return new UnavailableError(
    `objects unavailable: ${count} objects of "${remote}" take about ${gib(needs)}, ${gib(free)} are free here`,
    { mend: 'free some disk or take a machine with more of it; sluice check --pixels none looks at labels alone' },
  )
}

function startDriver(config: DvcConfig, remote: string, python: string, who: Record<string, string>): Driver {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dvc-'))
  // DVC's library reads a configuration from a .dvc folder: this one holds what is trusted and nothing else.
  const own = join(folder, '.dvc')
  mkdirSync(own)
  writeFileSync(join(own, 'config'), absoluteIn(config.texts.repository, config.root))
  writeFileSync(join(own, 'config.local'), absoluteIn(config.texts.machine, config.root))
  const env = toolEnvironment({ DVC_SITE_CACHE_DIR: join(folder, 'site'), DVC_DAEMON: '0', CI: 'true', ...who })
  const child = spawn(python, ['-I', driverFile()], { cwd: folder, env, stdio: 'pipe' })
  const lines = createInterface({ input: child.stdout })
  let tail = ''
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4000)
  })
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify({ dvc: own, remote })}\n`)
  const close = () => {
    child.stdin.end()
    rmSync(folder, { recursive: true, force: true })
  }
  // A process that waits for work keeps nobody from ending.
  waiting(child, true)
  return {
    ask: async (job) => {
      waiting(child, false)
      try {
        child.stdin.write(`${JSON.stringify(job)}\n`)
        return await answerOf(child, lines, () => tail)
      } finally {
        waiting(child, true)
      }
    },
    close,
  }
}

function answerOf(child: ChildProcess, lines: Interface, tail: () => string): Promise<Answer> {
  return new Promise((done, fail) => {
    const ended = (cause?: unknown) => {
      const told = { command: 'python fetch_objects.py', tail: tail(), mend: 'run it again', cause }
      fail(new ToolError('the process that fetches objects ended early', told))
    }
    const stop = () => ended()
    child.once('error', ended)
    child.once('close', stop)
    lines.once('line', (line) => {
      child.off('error', ended)
      child.off('close', stop)
      done(JSON.parse(line) as Answer)
    })
  })
}

function waiting(child: ChildProcess, idle: boolean): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr] as (ChildProcess | Socket)[]) {
    if (idle) part.unref()
    else part.ref()
  }
}

/** The driver lies beside this file, or, in a bundle, in the installation. */
function driverFile(): string {
  const beside = fileURLToPath(new URL('fetch_objects.py', import.meta.url))
  return existsSync(beside) ? beside : join(home, 'src/adapters/dvc/fetch_objects.py')
}

/** Paths of key files and the like are meant from the repository's .dvc, not from the copy's. */
function absoluteIn(text: string, root: string): string {
  const from = (path: string) => resolve(root, '.dvc', path.trim())
  return text.replace(/^(\s*[\w.-]+\s*=\s*)(\.\.?\/.*)$/gm, (_, key: string, path: string) => key + from(path))
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExecaError, execa } from 'execa'
import { UsageError } from '../../core/errors.ts'
import type { Dvc } from '../../ports.ts'
import { writeWhole } from '../files.ts'
import { dvcTool, toolEnvironment } from '../tools.ts'
import { folderRemote, workTreeConfig } from './config.ts'
import { dvcError } from './explain.ts'
import { openIdentity } from './identity.ts'
import { pythonFor } from './python-for.ts'

const settings = '[core]\n    analytics = false\n    autostage = false\n    check_update = false\n'

/** The `Dvc` port on one workspace. A start of DVC takes about a second: give all targets in one call. */
export function createDvc(root: string, options: { lockRetries?: number } = {}): Dvc {
  const { lockRetries = 2 } = options
  let last: Promise<unknown> = Promise.resolve()

  const once = async (args: string[], who: Record<string, string> = {}, url = 's3:'): Promise<void> => {
    // DVC's shared state lives in /var/tmp by default, for all users: here it stays in the workspace.
    const own = { DVC_SITE_CACHE_DIR: join(root, '.dvc/tmp/site'), DVC_DAEMON: '0', CI: 'true' }
    const env = toolEnvironment({ ...own, ...who })
    for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'DVC_ROOT', 'DVC_STAGE']) env[name] = undefined
    for (let attempt = 0; ; attempt++) {
      try {
        await execa(dvcTool('dvc', url), args, { cwd: root, env, extendEnv: false, stdin: 'ignore' })
        return
      } catch (error) {
        if (!(error instanceof ExecaError)) throw error
        const output = `${error.stdout ?? ''}\n${error.stderr ?? ''}`
        const locked = /Unable to acquire lock|is busy, it is being blocked/.test(output)
        if (!locked || attempt >= lockRetries) throw dvcError(args, error.exitCode, output, error)
        await sleep(500 * 2 ** attempt)
      }
    }
  }
  // Two DVC commands in one workspace would wait for each other's lock and then fail: they queue here.
  const run = (args: string[], does: (args: string[]) => Promise<void> = once): Promise<void> => {
    const next = last.then(() => does(args))
    last = next.catch(() => {})
    return next
  }
  /** With the credentials of this job for the default remote, if it has some. */
  const known = async (args: string[]): Promise<void> => {
    const config = workTreeConfig(root)
    const url = config.remote === null ? undefined : config.urls.get(config.remote)
    const far = config.remote !== null && url !== undefined && folderRemote(config, url) === null ? config.remote : null
    if (far !== null) await pythonFor(far, url as string)
    const identity = far === null ? null : openIdentity(config, far)
    const folder = secretConfig()
    const settings: Record<string, string> = folder === null ? {} : { DVC_GLOBAL_CONFIG_DIR: folder }
    const work = () => once(args, { ...identity?.variables, ...settings }, far === null ? undefined : url)
    try {
      await (identity ? identity.during(work) : work())
    } finally {
      identity?.close()
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
    }
  }
  const inside = (paths: readonly string[] = []) => paths.map((path) => insideOf(root, path))

  return {
    init: async () => {
      if (existsSync(join(root, '.dvc/config'))) return
      await run(['init', ...scmOf(root)])
      writeWhole(join(root, '.dvc/config'), settings)
    },
    addRemote: async (name, url) => {
      if (!/^[a-z0-9][\w.-]*$/i.test(name) || url === '' || url.startsWith('-')) {
        throw new UsageError(`${JSON.stringify(name)} at ${JSON.stringify(url)} is no remote`, {
          mend: 'a name of letters and digits, and a URL or folder',
        })
      }
      await run(['remote', 'add', '--force', '--default', name, url])
    },
    add: async (paths) => {
      if (paths.length === 0) return []
      const targets = inside(paths)
      await run(['add', '--', ...targets])
      return targets.map((path) => `${path.replace(/\/+$/, '')}.dvc`)
    },
    push: async (targets) => run(['push', '--', ...inside(targets)], known),
    pull: async (targets) => run(['pull', '--', ...inside(targets)], known),
    checkout: async (targets) => run(['checkout', '--force', '--', ...inside(targets)]),
  }
}

/** A folder with the configuration that a job has as a secret, which DVC reads as its user's; null when there is none. */
function secretConfig(): string | null {
  const text = process.env.SLUICE_DVC_CONFIG ?? ''
  if (text.trim() === '') return null
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dvc-'))
  writeWhole(join(folder, 'config'), text, { mode: 0o600 })
  return folder
}

/** DVC wants git at its own folder; below a git root or without git it has to be told. */
function scmOf(root: string): string[] {
  if (existsSync(join(root, '.git'))) return []
  for (let folder = dirname(root); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return ['--subdir']
  }
  return ['--no-scm']
}

function insideOf(root: string, path: string): string {
  const within = (isAbsolute(path) ? relative(root, path) : path).replaceAll('\\', '/')
  if (within === '' || within.split('/').includes('..') || isAbsolute(within)) {
    throw new UsageError(`${JSON.stringify(path)} is not inside ${root}`, { mend: 'give paths below the repository' })
  }
  return within
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExecaError, execa } from 'execa'
import { ToolError } from '../../core/errors.ts'
import { pythonTool, toolEnvironment } from '../tools.ts'
import type { DvcConfig } from './config.ts'
import { dvcError } from './explain.ts'

const driver = fileURLToPath(new URL('fetch_objects.py', import.meta.url))

/**
 * Copies objects of a remote on a network into a folder, by DVC's own library in one Python process; returns the paths
 * of those that the remote does not have. Credentials come from the environment and from this machine's configuration.
 */
export async function fetchObjects(
  config: DvcConfig,
  remote: string,
  paths: readonly string[],
  into: string,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dvc-'))
  try {
    // DVC's library reads a configuration from a .dvc folder: this one holds what is trusted and nothing else.
    const own = join(folder, '.dvc')
    mkdirSync(own)
    writeFileSync(join(own, 'config'), absoluteIn(config.texts.repository, config.root))
    writeFileSync(join(own, 'config.local'), absoluteIn(config.texts.machine, config.root))
    const job = { dvc: own, remote, paths, into, jobs: 16 }
    const env = toolEnvironment({ DVC_SITE_CACHE_DIR: join(folder, 'site'), DVC_DAEMON: '0', CI: 'true' })
    const { stdout } = await execa(pythonTool('python'), ['-I', driver], {
      input: JSON.stringify(job),
      env,
      extendEnv: false,
      cwd: folder,
    })
    return (JSON.parse(stdout) as { missing: string[] }).missing
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error
    const output = `${error.stderr ?? ''}`
    if (error.exitCode === 3) {
      const said = output.trim().split('\n').at(-1) ?? ''
      throw new ToolError(`the remote "${remote}" cannot be reached: ${said}`, {
        command: `copy ${paths.length} objects from ${config.urls.get(remote) ?? remote}`,
        mend: 'check the network, the URL in .dvc/config of the base, and the credentials in the environment',
        cause: error,
      })
    }
    throw dvcError(['fetch', `-r ${remote}`], error.exitCode, output, error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Paths of key files and the like are meant from the repository's .dvc, not from the copy's. */
function absoluteIn(text: string, root: string): string {
  const from = (path: string) => resolve(root, '.dvc', path.trim())
  return text.replace(/^(\s*[\w.-]+\s*=\s*)(\.\.?\/.*)$/gm, (_, key: string, path: string) => key + from(path))
}

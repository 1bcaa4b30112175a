import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ExecaError, execa } from 'execa'
import { type ToolError, UnavailableError } from '../../core/errors.ts'
import { dvcTool, home, readsRemote, toolEnvironment } from '../tools.ts'

/**
 * The Python that has DVC's library; a machine without it cannot reach a network's remote. A job of GitHub's installs it from
 * its lock file, by hash, the first time that it is needed: most data sets never need it.
 */
export async function pythonFor(remote: string, url: string): Promise<string> {
  const installer = join(home, 'scripts/bootstrap.mjs')
  if (!readsRemote(url) && process.env.GITHUB_ACTIONS === 'true' && existsSync(installer)) {
    await install(installer, remote)
  }
  try {
    return dvcTool('python', url)
  } catch (error) {
    throw withoutDvc(remote, error as ToolError)
  }
}

async function install(installer: string, remote: string): Promise<void> {
  try {
    await execa(process.execPath, [installer, '--dvc'], { env: toolEnvironment(), extendEnv: false, stdin: 'ignore' })
  } catch (cause) {
    const said = cause instanceof ExecaError ? String(cause.stderr).trim().split('\n').slice(-2).join(' ') : ''
    const what = `objects unavailable: the remote "${remote}" is on a network, and DVC could not be installed: ${said}`
    throw new UnavailableError(what, {
      mend: 'run the job again, or name an environment that has it in SLUICE_TOOLS',
      cause,
    })
  }
}

function withoutDvc(remote: string, cause: ToolError): UnavailableError {
  const what = `objects unavailable: the remote "${remote}" is on a network, and ${cause.message}`
  return new UnavailableError(what, { ...(cause.mend ? { mend: cause.mend } : {}), cause })
}

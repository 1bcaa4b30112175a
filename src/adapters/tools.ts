import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ToolError } from '../core/errors.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = process.platform === 'win32' ? 'Scripts' : 'bin'

/** The installation's own root: where bundled pipelines, specs and Python drivers lie. */
export const home = root

/** A program of the locked Python tools (python, dvc); SLUICE_TOOLS names another environment. */
export function pythonTool(name: 'python' | 'dvc'): string {
  const path = join(process.env.SLUICE_TOOLS ?? join(root, '.tools/python'), folder, name)
  if (!existsSync(path)) {
    throw new ToolError(`${name} is not set up`, {
      mend: 'node scripts/bootstrap.mjs (or npm start) installs the Python tools',
    })
  }
  return path
}

const [whole, alone] = ['.tools/python', '.tools/dvc'].map((name) => join(root, name, folder)) as [string, string]
const wholeReads = (url: string) => existsSync(join(whole, 'dvc')) && /^(?:s3|https?):/i.test(url)

/** Whether something here reads a DVC remote on a network; an environment that SLUICE_TOOLS names is taken at its word. */
export const readsRemote = (url: string): boolean =>
  Boolean(process.env.SLUICE_TOOLS) || wholeReads(url) || existsSync(join(alone, 'dvc'))

/** A program that reads such a remote: of the Python tools where these do, else of what `bootstrap.mjs --dvc` installs. */
export function dvcTool(name: 'python' | 'dvc', url: string): string {
  const own = !process.env.SLUICE_TOOLS && !wholeReads(url) && existsSync(join(alone, name))
  return own ? join(alone, name) : pythonTool(name)
}

/** The Python that runs exported artefacts: SLUICE_RUNTIMES names an environment with their packages; weights need the trainer's. */
export function runtimePython(trained: boolean): string {
  const own = process.env.SLUICE_RUNTIMES
  if (trained || !own) return pythonTool('python')
  const path = join(own, folder, process.platform === 'win32' ? 'python.exe' : 'python')
  if (existsSync(path)) return path
  throw new ToolError('SLUICE_RUNTIMES names no Python environment', { mend: `there is no ${path}` })
}

// What lets a job say who it is, and credentials of DVC remotes: for our own process, never for what it starts.
const withheld = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'SLUICE_DVC_CONFIG']

/** The environment of every tool that sluice starts: its Python tools first, no prompts, no telemetry. */
export function toolEnvironment(extra: Record<string, string> = {}): Record<string, string | undefined> {
  const bin = join(process.env.SLUICE_TOOLS ?? join(root, '.tools/python'), folder)
  return {
    ...process.env,
    ...Object.fromEntries(withheld.map((name) => [name, undefined])),
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    GIT_TERMINAL_PROMPT: '0',
    DVC_NO_ANALYTICS: 'true',
    YOLO_OFFLINE: 'true',
    YOLO_AUTOINSTALL: 'false',
    PYTHONUNBUFFERED: '1',
    ...extra,
  }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from 'vitest'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const tool = (name: 'act' | 'actionlint') => join(root, '.tools/bin', name)

/** Installs act and actionlint when they are not there; a second call is quick. */
export async function installTools(): Promise<void> {
  await execa(join(root, 'scripts/install-ci-tools.sh'), { timeout: 540_000 })
}

/** Stand-ins for actions that come from GitHub: artefacts are copied into a folder, the rest does nothing. */
function standIns(folder: string, kept: string): string[] {
  const write = (name: string, script: string) => {
    const at = join(folder, name)
    mkdirSync(at, { recursive: true })
    const inputs = 'inputs: { name: { description: n }, path: { description: p } }'
    const yaml = `name: ${name}\ndescription: stand-in\n${inputs}\nruns: { using: node24, main: main.mjs }\n`
    writeFileSync(join(at, 'action.yml'), yaml)
    writeFileSync(join(at, 'main.mjs'), script)
    return at
  }
  const copy = `import { cpSync } from 'node:fs'\ncpSync(process.env.INPUT_PATH, ${JSON.stringify(kept)}, { recursive: true })\n`
  return [
    `actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a=${write('upload-artifact', copy)}`,
    `actions/setup-node@6044e13b5dc448c55e2357c09f80417699197238=${write('setup-node', '')}`,
  ].flatMap((value) => ['--local-repository', value])
}

type Line = {
  jobID?: string
  jobResult?: string
  stepID?: string[]
  stepResult?: string
  command?: string
  msg?: string
  content?: string
  arg?: string
  name?: string
}

/** Runs one workflow for real, in host mode, against a forge on this machine; nothing of our environment reaches it. */
export async function runWorkflow(input: {
  repository: string
  workflow: string
  event: object
  apiUrl: string
  jobs: string[]
  env?: Record<string, string>
}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-act-'))
  try {
    const event = join(folder, 'event.json')
    writeFileSync(event, JSON.stringify(input.event))
    const kept = join(folder, 'artifacts')
    const labels = ['ubuntu-latest', 'ubuntu-24.04', 'self-hosted'].flatMap((label) => ['-P', `${label}=-self-hosted`])
    const empty = ['--env-file', '--secret-file', '--var-file', '--input-file'].flatMap((flag) => [flag, '/dev/null'])
    const extra = { GITHUB_API_URL: input.apiUrl, GITHUB_REPOSITORY: 'acme/data', ...input.env }
    const env = Object.entries(extra).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    const args = [
      'pull_request',
      '-C',
      input.repository,
      '-W',
      input.workflow,
      '-e',
      event,
      ...labels,
      ...empty,
      ...env,
    ]
    args.push(
      '--json',
      '--rm',
      '--no-cache-server',
      '--action-offline-mode',
      '--action-cache-path',
      join(folder, 'cache'),
    )
    args.push('-s', 'GITHUB_TOKEN', '-a', 'alice', '--var', 'SLUICE_DATA_PATH=data/site', ...standIns(folder, kept))
    const path = `${dirname(process.execPath)}:${join(root, 'node_modules/.bin')}:/usr/bin:/bin`
    const clean = { PATH: path, HOME: folder, TMPDIR: folder, GITHUB_TOKEN: 'ghs_fake_token_of_the_test' }
    const run = await execa(tool('act'), args, { env: clean, extendEnv: false, reject: false, timeout: 120_000 })
    const lines = run.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line)
    // act ends with 0 when it skips a job whose runner it does not know: every expected job must have a result.
    const results = Object.fromEntries(
      lines.filter((line) => line.jobResult).map((line) => [line.jobID, line.jobResult]),
    )
    const log = lines.map((line) => line.msg ?? '').join('\n')
    expect(Object.keys(results).sort(), `${run.stderr}\n${log}`).toEqual(input.jobs.toSorted())
    const outputs = lines.filter((line) => line.command === 'set-output').map((line) => [line.name, line.arg])
    const summary = lines
      .filter((line) => line.command === 'summary')
      .map((line) => line.content)
      .join('\n')
    return {
      exitCode: run.exitCode,
      results,
      outputs: Object.fromEntries(outputs) as Record<string, string>,
      summary,
      log,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

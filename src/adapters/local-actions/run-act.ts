import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { ToolError } from '../../core/errors.ts'

export type ActRun = {
  /** Result by job; a job that its condition left out has none. */
  results: Record<string, string>
  conclusion: 'success' | 'failure' | 'cancelled' | 'skipped'
  outputs: Record<string, string>
  summary: string
  log: string
}
type Line = Partial<
  Record<'jobID' | 'jobResult' | 'command' | 'msg' | 'content' | 'arg' | 'name' | 'job' | 'step', string>
>

/** Runs one workflow for real with act in host mode; nothing of our environment reaches its steps. */
export async function runAct(input: {
  act: string
  event: string
  payload: object
  clone: string
  workflow: string
  /** GITHUB_* and other variables that steps see. */
  env: Record<string, string>
  variables: Record<string, string>
  /** Long values: act masks them wherever they occur, as parts of other words too. */
  secrets: Record<string, string>
  actor: string
  /** Folder by `owner/name@ref`. */
  local: Record<string, string>
  path: string[]
  signal?: AbortSignal
  onLine?: (text: string) => void
}): Promise<ActRun> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-act-'))
  try {
    const event = join(folder, 'event.json')
    writeFileSync(event, JSON.stringify(input.payload))
    mkdirSync(join(folder, 'tmp'))
    const pairs = (flag: string, values: Record<string, string>) =>
      Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
    const args = [input.event, '-C', input.clone, '-W', `.github/workflows/${input.workflow}`, '-e', event]
    for (const label of ['ubuntu-latest', 'ubuntu-24.04', 'self-hosted']) args.push('-P', `${label}=-self-hosted`)
    for (const flag of ['--env-file', '--secret-file', '--var-file', '--input-file']) args.push(flag, '/dev/null')
    args.push('--json', '--rm', '--no-cache-server', '--action-offline-mode')
    args.push('--action-cache-path', join(folder, 'cache'), '-a', input.actor)
    args.push(
      ...pairs('--env', input.env),
      ...pairs('--var', input.variables),
      ...pairs('--local-repository', input.local),
    )
    // Values of secrets go through the environment of act, which lists of processes do not show.
    for (const name of Object.keys(input.secrets)) args.push('-s', name)
    const path = [dirname(process.execPath), ...input.path, '/usr/bin', '/bin'].join(':')
    const env = { PATH: path, HOME: folder, TMPDIR: join(folder, 'tmp'), LC_ALL: 'C.UTF-8', ...input.secrets }
    const child = execa(input.act, args, {
      env,
      extendEnv: false,
      reject: false,
      ...(input.signal ? { cancelSignal: input.signal } : {}),
    })
    const lines: Line[] = []
    for await (const text of child) {
      if (!text.startsWith('{')) continue
      const line = JSON.parse(text) as Line
      lines.push(line)
      if (line.msg?.trim()) input.onLine?.(`${line.job ?? ''} | ${line.msg.trimEnd()}`)
    }
    const { exitCode, stderr } = await child
    return summarize(lines, { exitCode, stderr, cancelled: input.signal?.aborted ?? false })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function summarize(lines: Line[], end: { exitCode?: number | undefined; stderr: string; cancelled: boolean }): ActRun {
  const log = lines.map((line) => line.msg ?? '').join('\n')
  const ended = lines.filter((line) => line.jobResult !== undefined)
  const results: Record<string, string> = {}
  // Jobs of one matrix share an id: one that failed fails them all.
  for (const { jobID = '', jobResult = '' } of ended) if (results[jobID] !== 'failure') results[jobID] = jobResult
  // act ends with 0 when it leaves out a job whose runner it does not know.
  const unknown = /Skipping unsupported platform/.test(log)
  const failed = Object.values(results).includes('failure') || unknown
  if (end.exitCode !== 0 && !failed && !end.cancelled) {
    const tail = `${end.stderr}\n${log}`.trim().split('\n').slice(-20).join('\n')
    throw new ToolError('act did not run the workflow', { command: 'act', tail, mend: 'look at what act says' })
  }
  const done = Object.keys(results).length > 0 ? ('success' as const) : ('skipped' as const)
  return {
    results,
    conclusion: end.cancelled ? 'cancelled' : failed ? 'failure' : done,
    outputs: Object.fromEntries(
      lines.filter((line) => line.command === 'set-output').map((line) => [line.name ?? '', line.arg ?? '']),
    ),
    summary: lines
      .filter((line) => line.command === 'summary')
      .map((line) => line.content)
      .join('\n'),
    log,
  }
}

import { execa } from 'execa'
import { writeJson } from '../../adapters/files.ts'
import { readSettings } from '../../adapters/github/settings.ts'
import { pythonTool, toolEnvironment } from '../../adapters/tools.ts'
import { printable } from '../../core/documents/printable.ts'
import { exitCodes } from '../../core/errors.ts'
import { judgeSettings } from '../../core/judge/repository-settings.ts'
import type { Console } from '../../ports.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

type Probe = { name: string; command: () => [string, string[]]; mend: string }

const probes: Probe[] = [
  { name: 'git', command: () => ['git', ['--version']], mend: 'apt-get install -y git' },
  {
    name: 'node',
    command: () => [process.execPath, ['--version']],
    mend: 'npm start installs Node 24 for this project',
  },
  { name: 'dvc', command: () => [pythonTool('dvc'), ['--version']], mend: 'node scripts/bootstrap.mjs' },
  {
    name: 'trainer',
    command: () => [
      pythonTool('python'),
      [
        '-c',
        'from importlib.metadata import version as v; print("ultralytics", v("ultralytics"), "torch", v("torch"))',
      ],
    ],
    mend: 'node scripts/bootstrap.mjs',
  },
  {
    name: 'GPU',
    command: () => ['nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader']],
    mend: 'optional: training then uses the CPU',
  },
  {
    name: 'TensorRT',
    command: () => ['trtexec', ['--help']],
    mend: 'optional: TensorRT is then "exported, not measured"',
  },
]

const optional = new Set(['GPU', 'TensorRT'])

/** Exit code 4 when a needed tool is missing, 1 when a setting of the repository is unsafe. */
export const command: Command = {
  run: async (args, console) => {
    const options = { repository: { type: 'string' }, api: { type: 'string' }, json: { type: 'string' } } as const
    const { values } = readArguments(args, options, { least: 0, most: 0, names: '' })
    if (values.repository !== undefined) return doctorSettings({ ...values, repository: values.repository }, console)
    let missing = 0
    for (const probe of probes) {
      const answer = await ask(probe)
      if (answer === null && !optional.has(probe.name)) missing++
      console.print(
        `${answer === null ? (optional.has(probe.name) ? '–' : '✗') : '✓'} ${probe.name.padEnd(9)} ${answer ?? `not here. ${probe.mend}`}`,
      )
    }
    return missing > 0 ? exitCodes.tool : exitCodes.pass
  },
}

const signs = { safe: '✓', unsafe: '✗', unknown: '?' }

async function doctorSettings(
  { repository, api, json }: { repository: string; api?: string | undefined; json?: string | undefined },
  console: Console,
): Promise<number> {
  const token = process.env.GITHUB_TOKEN ?? ''
  const findings = judgeSettings(await readSettings({ repository, token, ...(api ? { apiUrl: api } : {}) }))
  for (const { setting, state, says, mend } of findings) {
    const told = state === 'safe' ? says : state === 'unsafe' ? `not so: ${says}` : `cannot be seen: ${says}`
    console.print(printable(`${signs[state]} ${setting.padEnd(28)} ${told}`))
    if (state !== 'safe') console.print(printable(`  ${''.padEnd(28)} ${mend}`))
  }
  if (json !== undefined) writeJson(json, { repository, findings })
  if (findings.some(({ state }) => state === 'unsafe')) return exitCodes.fail
  return findings.some(({ state }) => state === 'unknown') ? exitCodes.inconclusive : exitCodes.pass
}

async function ask(probe: Probe): Promise<string | null> {
  try {
    const [file, args] = probe.command()
    const { exitCode, stdout } = await execa(file, args, { reject: false, env: toolEnvironment(), timeout: 60_000 })
    return exitCode === 0 ? (stdout.split('\n')[0] ?? '') : null
  } catch {
    // pythonTool throws when the tools are not set up: that is an answer here.
    return null
  }
}
